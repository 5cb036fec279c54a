# The aws command that Debian 12 has, 2.9 of 2022: each of its subcommands.
source "$(dirname "$0")/server.sh"
AWS=/usr/bin/aws
serve --db memory --task echo=echo
pass='{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'

want creationDate sfn create-state-machine --name 订单 --role-arn $role --definition "$pass" --tags key=team,value=orders
want 订单 sfn list-state-machines --query 'stateMachines[].name' --output text
want '"status": "ACTIVE"' sfn describe-state-machine --state-machine-arn "$(machine 订单)"
want updateDate sfn update-state-machine --state-machine-arn "$(machine 订单)" --definition "$pass " --tracing-configuration enabled=false
want '' sfn tag-resource --resource-arn "$(machine 订单)" --tags key=stage,value=test
want '' sfn untag-resource --resource-arn "$(machine 订单)" --tag-keys team
want stage sfn list-tags-for-resource --resource-arn "$(machine 订单)" --output yaml
want executionArn sfn start-execution --state-machine-arn "$(machine 订单)" --name one --input '{"text": "库存 😀"}'
want SUCCEEDED ended "$(execution 订单 one)"
want '库存 😀' sfn describe-execution --execution-arn "$(execution 订单 one)" --query output --output text
want ExecutionSucceeded sfn get-execution-history --execution-arn "$(execution 订单 one)" --max-items 9 --output table
want SUCCEEDED sfn list-executions --state-machine-arn "$(machine 订单)" --page-size 1
want updateDate sfn describe-state-machine-for-execution --execution-arn "$(execution 订单 one)"
want stopDate sfn stop-execution --execution-arn "$(execution 订单 one)"

echo '--- an activity'
activity=arn:aws:states:us-east-1:123456789012:activity:approve
want $activity sfn create-activity --name approve
want approve sfn describe-activity --activity-arn $activity
want $activity sfn list-activities
want creationDate sfn create-state-machine --name approval --role-arn $role \
  --definition "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Task\", \"Resource\": \"$activity\", \"HeartbeatSeconds\": 600, \"End\": true}}}"
# task starts an execution and takes its task.
task() {
  sfn start-execution --state-machine-arn "$(machine approval)" --name "$1" >/dev/null
  sfn get-activity-task --activity-arn $activity --worker-name ada --query taskToken --output text
}
t=$(task succeeds)
want '' sfn send-task-heartbeat --task-token "$t"
want '' sfn send-task-success --task-token "$t" --task-output '{"approved": true}'
want SUCCEEDED ended "$(execution approval succeeds)"
t=$(task fails)
want '' sfn send-task-failure --task-token "$t" --error Refused --cause '原因'
want FAILED ended "$(execution approval fails)"
want '' sfn delete-activity --activity-arn $activity

echo '--- a Map Run'
want creationDate sfn create-state-machine --name each --role-arn $role --definition '{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
  "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}}}}'
want executionArn sfn start-execution --state-machine-arn "$(machine each)" --name one --input '[1, 2, 3]'
for _ in $(seq 100); do
  [[ $(ask ListMapRuns "{\"executionArn\": \"$(execution each one)\"}") != *mapRunArn* ]] || break
  sleep 0.1
done
run=$(sfn list-map-runs --execution-arn "$(execution each one)" --query 'mapRuns[0].mapRunArn' --output text)
want '"status": "RUNNING"' sfn describe-map-run --map-run-arn "$run"
want '' sfn update-map-run --map-run-arn "$run" --max-concurrency 7 --tolerated-failure-percentage 12.5
want $'7\t12.5' sfn describe-map-run --map-run-arn "$run" --query '[maxConcurrency, toleratedFailurePercentage]' --output text
want 3 sfn list-executions --map-run-arn "$run" --query 'length(executions)'
want stopDate sfn stop-execution --execution-arn "$(execution each one)"
want '' sfn delete-state-machine --state-machine-arn "$(machine each)"

echo '--- Express: only a proxy can undo the sync- before the host'
want creationDate sfn create-state-machine --name express --type EXPRESS --role-arn $role --definition "$pass"
want '"output": "[1]"' env http_proxy="$url" $AWS stepfunctions --endpoint-url http://sfn.local start-sync-execution \
  --state-machine-arn "$(machine express)" --input '[1]'

echo '--- errors'
refused StateMachineDoesNotExist sfn describe-state-machine --state-machine-arn "$(machine nobody)"
refused InvalidDefinition sfn create-state-machine --name bad --role-arn $role --definition '{}'
refused TaskTimedOut sfn send-task-success --task-token "$t" --task-output 1
for name in 订单 approval express; do want '' sfn delete-state-machine --state-machine-arn "$(machine $name)"; done
echo "the aws command of Debian works: $($AWS --version | cut -d' ' -f1)"
