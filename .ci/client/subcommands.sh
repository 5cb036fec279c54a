# Each subcommand of the aws command, once, and its errors.
source "$(dirname "$0")/server.sh"
cat >token.sh <<'SH'
#!/bin/sh
printf '%s' "$STATEMILL_TASK_TOKEN" >token
SH
chmod +x token.sh
serve --db memory --task '*:sqs:sendMessage.waitForTaskToken=exec:./token.sh' --task 'echo=echo'
pass='{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'

want creationDate sfn create-state-machine --name all --type STANDARD --role-arn $role --publish --version-description first \
  --definition "$pass" --tags key=team,value=orders --tracing-configuration enabled=true \
  --logging-configuration 'level=ALL,includeExecutionData=true,destinations=[{cloudWatchLogsLogGroup={logGroupArn=arn:aws:logs:us-east-1:123456789012:log-group:g:*}}]'
want '"description": "first"' sfn describe-state-machine --state-machine-arn "$(machine all):1"
want '"{}"' sfn describe-state-machine --state-machine-arn "$(machine all)" --included-data METADATA_ONLY --query definition
want revisionId sfn update-state-machine --state-machine-arn "$(machine all)" --role-arn arn:aws:iam::123456789012:role/other
want ':2' sfn publish-state-machine-version --state-machine-arn "$(machine all)" --description second
want ':1' sfn list-state-machine-versions --state-machine-arn "$(machine all)"
want '' sfn delete-state-machine-version --state-machine-version-arn "$(machine all):2"
want ':live' sfn create-state-machine-alias --name live --routing-configuration "stateMachineVersionArn=$(machine all):1,weight=100"
want ':1' sfn describe-state-machine-alias --state-machine-alias-arn "$(machine all):live"
want updateDate sfn update-state-machine-alias --state-machine-alias-arn "$(machine all):live" --description 'the one'
want ':live' sfn list-state-machine-aliases --state-machine-arn "$(machine all)"
refused ConflictException sfn delete-state-machine-version --state-machine-version-arn "$(machine all):1"
want executionArn sfn start-execution --state-machine-arn "$(machine all):live"
want '' sfn delete-state-machine-alias --state-machine-alias-arn "$(machine all):live"
want '' sfn tag-resource --resource-arn "$(machine all)" --tags key=stage,value=test
want '' sfn untag-resource --resource-arn "$(machine all)" --tag-keys team
want '"stage"' sfn list-tags-for-resource --resource-arn "$(machine all)" --query 'tags[0].key'
want '"all"' sfn list-state-machines --page-size 1 --max-items 1
want executionArn sfn start-execution --state-machine-arn "$(machine all)" --name one
want SUCCEEDED ended "$(execution all one)"
want PassStateEntered sfn get-execution-history --execution-arn "$(execution all one)" --reverse-order --no-include-execution-data
want updateDate sfn describe-state-machine-for-execution --execution-arn "$(execution all one)"
want '"truncated": false' sfn validate-state-machine-definition --definition "$pass" --type EXPRESS --severity WARNING --max-results 5
want '"nextState": "Q"' sfn test-state --definition '{"Type": "Pass", "Next": "Q"}' --inspection-level DEBUG
want CAUGHT_ERROR sfn test-state --mock '{"errorOutput": {"error": "E", "cause": "why"}}' --definition '{"Type": "Task",
  "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "Catch": [{"ErrorEquals": ["E"], "Next": "C"}], "End": true}'

want creationDate sfn create-state-machine --name wait --role-arn $role --definition '{"StartAt": "T", "States": {"T": {"Type": "Task",
  "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "HeartbeatSeconds": 600, "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "End": true}}}'
# token waits for the token that the next task gets, after a command.
token() {
  rm -f token
  "$@" >/dev/null
  for _ in $(seq 100); do
    [ ! -s token ] || break
    sleep 0.1
  done
  cat token
}
t=$(token sfn start-execution --state-machine-arn "$(machine wait)" --name succeeds)
want '' sfn send-task-heartbeat --task-token "$t"
refused InvalidOutput sfn send-task-success --task-token "$t" --task-output '{'
want '' sfn send-task-success --task-token "$t" --task-output '{"done": true}'
want SUCCEEDED ended "$(execution wait succeeds)"
refused TaskTimedOut sfn send-task-success --task-token "$t" --task-output '{}'
refused InvalidToken sfn send-task-heartbeat --task-token nonsense
t=$(token sfn start-execution --state-machine-arn "$(machine wait)" --name fails)
want '' sfn send-task-failure --task-token "$t" --error Broken --cause '原因'
want FAILED ended "$(execution wait fails)"
t=$(token want redriveDate sfn redrive-execution --execution-arn "$(execution wait fails)")
want '' sfn send-task-success --task-token "$t" --task-output '1'
want SUCCEEDED ended "$(execution wait fails)"
want 1 sfn describe-execution --execution-arn "$(execution wait fails)" --query redriveCount
refused ExecutionNotRedrivable sfn redrive-execution --execution-arn "$(execution wait fails)"
want stopDate sfn stop-execution --execution-arn "$(execution wait fails)"

echo '--- an activity'
activity=arn:aws:states:us-east-1:123456789012:activity:approve
want "$activity" sfn create-activity --name approve
want '"approve"' sfn describe-activity --activity-arn $activity
want $activity sfn list-activities
want creationDate sfn create-state-machine --name approval --role-arn $role \
  --definition "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Task\", \"Resource\": \"$activity\", \"End\": true}}}"
want executionArn sfn start-execution --state-machine-arn "$(machine approval)" --name one --input '{"amount": 7}'
t=$(sfn get-activity-task --activity-arn $activity --worker-name ada --query taskToken --output text)
want '' sfn send-task-success --task-token "$t" --task-output '{"approved": true}'
want SUCCEEDED ended "$(execution approval one)"
want '' sfn delete-activity --activity-arn $activity
refused ActivityDoesNotExist sfn describe-activity --activity-arn $activity
want '' sfn delete-state-machine --state-machine-arn "$(machine approval)"

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

echo '--- Express, and a task that calls the API'
want creationDate sfn create-state-machine --name express --type EXPRESS --role-arn $role --definition "$pass" \
  --logging-configuration 'level=ALL,includeExecutionData=true,destinations=[{cloudWatchLogsLogGroup={logGroupArn=arn:aws:logs:us-east-1:123456789012:log-group:g:*}}]'
want '"output": "[1]"' sfn start-sync-execution --state-machine-arn "$(machine express)" --name now --input '[1]'
want ':express:express:later:' sfn start-execution --state-machine-arn "$(machine express)" --name later
refused StateMachineTypeNotSupported sfn start-sync-execution --state-machine-arn "$(machine all)"
refused StateMachineTypeNotSupported sfn list-executions --state-machine-arn "$(machine express)"
grep -q 'ExecutionSucceeded' server.log
want creationDate sfn create-state-machine --name caller --role-arn $role --definition "{\"StartAt\": \"S\", \"States\": {\"S\": {\"Type\": \"Task\",
  \"Resource\": \"arn:aws:states:::aws-sdk:sfn:startSyncExecution\", \"Parameters\": {\"StateMachineArn\": \"$(machine express)\", \"Input\": {\"a\": 1}}, \"End\": true}}}"
want executionArn sfn start-execution --state-machine-arn "$(machine caller)" --name one
want SUCCEEDED ended "$(execution caller one)"
for name in express caller; do want '' sfn delete-state-machine --state-machine-arn "$(machine $name)"; done

echo '--- errors'
refused StateMachineAlreadyExists sfn create-state-machine --name all --role-arn $role --definition "$pass "
refused InvalidName sfn create-state-machine --name 'a b' --role-arn $role --definition '{}'
refused InvalidDefinition sfn create-state-machine --name bad --role-arn $role --definition '{}'
refused InvalidLoggingConfiguration sfn create-state-machine --name bad --role-arn $role --definition '{}' --logging-configuration level=ALL
refused InvalidEncryptionConfiguration sfn create-state-machine --name bad --role-arn $role --definition '{}' \
  --encryption-configuration kmsKeyId=k,type=CUSTOMER_MANAGED_KMS_KEY,kmsDataKeyReusePeriodSeconds=300
refused MissingRequiredParameter sfn update-state-machine --state-machine-arn "$(machine all)"
refused InvalidArn sfn describe-state-machine --state-machine-arn nonsense
refused StateMachineDoesNotExist sfn start-execution --state-machine-arn "$(machine nobody)"
refused StateMachineDoesNotExist sfn list-executions --state-machine-arn "$(machine nobody)"
refused InvalidExecutionInput sfn start-execution --state-machine-arn "$(machine all)" --input 'not json'
refused ExecutionAlreadyExists sfn start-execution --state-machine-arn "$(machine all)" --name one
refused ExecutionDoesNotExist sfn get-execution-history --execution-arn "$(execution all nobody)"
refused ValidationException sfn list-executions --state-machine-arn "$(machine all)" --status-filter ENDED
refused InvalidToken sfn list-state-machines --starting-token "$(printf '{"nextToken": "x"}' | base64)"
refused StateMachineDoesNotExist sfn --region eu-west-1 describe-state-machine --state-machine-arn "$(machine all)"
for name in all wait; do want '' sfn delete-state-machine --state-machine-arn "$(machine $name)"; done
want '[]' sfn list-state-machines --query stateMachines
echo 'every subcommand works'
