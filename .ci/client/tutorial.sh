# A tutorial of the aws command, command by command, against one server.
source "$(dirname "$0")/server.sh"

cat >stock.sh <<'SH'
#!/bin/sh
# Says how many pieces are left of the product in the input.
case "$(cat)" in
*empty*) echo '{"count": 0}' ;;
*full*) echo '{"count": 5}' ;;
*) echo '{"count": -1}' ;;
esac
SH
chmod +x stock.sh

start() {
  serve --db kept.db \
    --task 'validateOrder=json:{"valid": true}' --task 'processPayment=json:{"paid": true, "amount": 99.50}' --task 'shipOrder=echo' \
    --task 'checkInventory=exec:./stock.sh' --task 'flaky=error:CustomError:订单服务不可用'
}
start

echo '--- the first workflow'
cat >hello.json <<'JSON'
{
  "Comment": "一个简单的 Hello World 示例",
  "StartAt": "HelloWorld",
  "States": {
    "HelloWorld": {"Type": "Pass", "Result": "Hello World!", "End": true}
  }
}
JSON
want stateMachine:HelloWorld sfn create-state-machine --name HelloWorld --definition file://hello.json --role-arn $role
want HelloWorld sfn list-state-machines --query "stateMachines[?contains(name, 'World')]"
want '[]' sfn list-state-machines --query "stateMachines[?contains(name, 'Nobody')]"
want ACTIVE sfn describe-state-machine --state-machine-arn "$(machine HelloWorld)"
diff <(sfn describe-state-machine --state-machine-arn "$(machine HelloWorld)" --query definition --output text) <(cat hello.json; echo)
want executionArn sfn start-execution --state-machine-arn "$(machine HelloWorld)" --input '{"key": "value"}'
want "$(execution HelloWorld first)" sfn start-execution --state-machine-arn "$(machine HelloWorld)" --name first --input '{"key": "值"}'
echo '{"from": "a file"}' >input.json
want executionArn sfn start-execution --state-machine-arn "$(machine HelloWorld)" --name from-file --input file://input.json
trace='Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1'
want executionArn sfn start-execution --state-machine-arn "$(machine HelloWorld)" --name traced --trace-header "$trace"
want "$trace" sfn describe-execution --execution-arn "$(execution HelloWorld traced)"
want SUCCEEDED ended "$(execution HelloWorld first)"
want '"\"Hello World!\""' sfn describe-execution --execution-arn "$(execution HelloWorld first)" --query output
want 'a file' sfn describe-execution --execution-arn "$(execution HelloWorld from-file)"
want ExecutionSucceeded sfn get-execution-history --execution-arn "$(execution HelloWorld first)" --max-items 10
want 4 sfn get-execution-history --execution-arn "$(execution HelloWorld first)" --query 'length(events)'
want NextToken sfn get-execution-history --execution-arn "$(execution HelloWorld first)" --max-items 2

echo '--- a chain of functions'
cat >order.json <<'JSON'
{"StartAt": "Validate", "States": {
  "Validate": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:validateOrder", "ResultPath": "$.validation", "Next": "Pay"},
  "Pay": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "processPayment", "Payload.$": "$"},
    "ResultSelector": {"paid.$": "$.Payload.paid", "amount.$": "$.Payload.amount"}, "ResultPath": "$.payment", "Next": "Ship"},
  "Ship": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:shipOrder", "End": true}}}
JSON
want stateMachine:Order sfn create-state-machine --name Order --definition file://order.json --role-arn $role
want executionArn sfn start-execution --state-machine-arn "$(machine Order)" --name o1 --input '{"orderId": "12345"}'
want SUCCEEDED ended "$(execution Order o1)"
want '{"orderId":"12345","validation":{"valid":true},"payment":{"amount":99.5,"paid":true}}' \
  sfn describe-execution --execution-arn "$(execution Order o1)" --query output --output text

echo '--- a choice'
cat >inventory.json <<'JSON'
{"StartAt": "Check", "States": {
  "Check": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:checkInventory", "Next": "Enough"},
  "Enough": {"Type": "Choice", "Choices": [
    {"Variable": "$.count", "NumericEquals": 0, "Next": "SoldOut"},
    {"Variable": "$.count", "NumericGreaterThan": 0, "Next": "InStock"}], "Default": "Broken"},
  "SoldOut": {"Type": "Pass", "Result": "sold out", "End": true},
  "InStock": {"Type": "Pass", "Result": "in stock", "End": true},
  "Broken": {"Type": "Fail", "Error": "InventoryError", "Cause": "库存检查失败"}}}
JSON
want stateMachine:Inventory sfn create-state-machine --name Inventory --definition file://inventory.json --role-arn $role
for product in empty full unknown; do
  want executionArn sfn start-execution --state-machine-arn "$(machine Inventory)" --name $product --input "{\"product\": \"$product\"}"
done
want SUCCEEDED ended "$(execution Inventory empty)"
want SUCCEEDED ended "$(execution Inventory full)"
want FAILED ended "$(execution Inventory unknown)"
want 'sold out' sfn describe-execution --execution-arn "$(execution Inventory empty)" --query output --output text
want 'in stock' sfn describe-execution --execution-arn "$(execution Inventory full)" --query output --output text
want $'InventoryError\t库存检查失败' sfn describe-execution --execution-arn "$(execution Inventory unknown)" --query '[error, cause]' --output text

echo '--- retry and catch'
cat >flaky.json <<'JSON'
{"StartAt": "Call", "States": {
  "Call": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:flaky",
    "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}],
    "Catch": [{"ErrorEquals": ["CustomError"], "ResultPath": "$.error", "Next": "Custom"}, {"ErrorEquals": ["States.ALL"], "Next": "Any"}], "End": true},
  "Custom": {"Type": "Pass", "End": true},
  "Any": {"Type": "Fail", "Error": "Any"}}}
JSON
want stateMachine:Flaky sfn create-state-machine --name Flaky --definition file://flaky.json --role-arn $role
want executionArn sfn start-execution --state-machine-arn "$(machine Flaky)" --name f1 --input '{}'
want SUCCEEDED ended "$(execution Flaky f1)"
want '{"error":{"Error":"CustomError","Cause":"订单服务不可用"}}' sfn describe-execution --execution-arn "$(execution Flaky f1)" --query output --output text
want 2 sfn get-execution-history --execution-arn "$(execution Flaky f1)" --query 'length(events[?type==`LambdaFunctionFailed`])'

echo '--- update'
sed 's/Hello World!/Hello again!/' hello.json >hello2.json
want updateDate sfn update-state-machine --state-machine-arn "$(machine HelloWorld)" --definition file://hello2.json
want executionArn sfn start-execution --state-machine-arn "$(machine HelloWorld)" --name again
want SUCCEEDED ended "$(execution HelloWorld again)"
want 'Hello again!' sfn describe-execution --execution-arn "$(execution HelloWorld again)" --query output --output text

echo '--- ten at once'
starts=()
for i in $(seq 10); do
  sfn start-execution --state-machine-arn "$(machine Order)" --name "batch-$i" --input "{\"orderId\": \"$i\"}" >"batch-$i" &
  starts+=($!)
done
for pid in "${starts[@]}"; do wait "$pid"; done
for i in $(seq 10); do want SUCCEEDED ended "$(execution Order "batch-$i")"; done
want 11 sfn list-executions --state-machine-arn "$(machine Order)" --status-filter SUCCEEDED --query 'length(executions)'
want batch-7 sfn list-executions --state-machine-arn "$(machine Order)" --status-filter SUCCEEDED --query 'executions[*].[name,status]' --output table
want '[]' sfn list-executions --state-machine-arn "$(machine Order)" --status-filter FAILED --query executions
refused 'Member must satisfy enum value set: [SUCCEEDED' sfn list-executions --state-machine-arn "$(machine Order)" --status-filter succeeded

echo '--- stop'
want stateMachine:Wait sfn create-state-machine --name Wait --role-arn $role \
  --definition '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}'
for name in stopped survivor; do want executionArn sfn start-execution --state-machine-arn "$(machine Wait)" --name $name; done
want stopDate sfn stop-execution --execution-arn "$(execution Wait stopped)" --error UserRequested --cause '用户取消了订单'
want $'ABORTED\tUserRequested\t用户取消了订单' sfn describe-execution --execution-arn "$(execution Wait stopped)" --query '[status, error, cause]' --output text

echo '--- validate'
want '"result": "OK"' sfn validate-state-machine-definition --definition file://hello.json
want 'MISSING_TRANSITION_TARGET' sfn validate-state-machine-definition --definition '{"StartAt": "Nowhere", "States": {"P": {"Type": "Pass", "End": true}}}'
refused 'InvalidDefinition' sfn create-state-machine --name Bad --role-arn $role --definition '{"StartAt": "Nowhere", "States": {"P": {"Type": "Pass", "End": true}}}'

echo '--- kill -9, and start again'
kill -9 "$server"
wait "$server" 2>/dev/null || true
start
want RUNNING sfn describe-execution --execution-arn "$(execution Wait survivor)"
want SUCCEEDED sfn describe-execution --execution-arn "$(execution Order batch-10)"
want stopDate sfn stop-execution --execution-arn "$(execution Wait survivor)"
want ABORTED sfn describe-execution --execution-arn "$(execution Wait survivor)"

echo '--- delete'
want '' sfn delete-state-machine --state-machine-arn "$(machine HelloWorld)"
refused "StateMachineDoesNotExist) when calling the DescribeStateMachine operation: State Machine Does Not Exist: '$(machine HelloWorld)'" \
  sfn describe-state-machine --state-machine-arn "$(machine HelloWorld)"
refused ExecutionDoesNotExist sfn describe-execution --execution-arn "$(execution HelloWorld first)"

echo '--- the log of the run'
kill "$server"
wait "$server"
server=
grep -q 'operation=CreateStateMachine' server.log
grep -q 'fault=InvalidDefinition' server.log
if grep -q 库存 server.log; then
  echo 'FAILED: the log has data in it'
  exit 1
fi
echo 'the tutorial works'
