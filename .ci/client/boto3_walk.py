"""boto3 against one server: paginators, typed exceptions, and text that is not ASCII."""

import json
import os
import re
import subprocess
import time
import urllib.request

import boto3
from botocore.config import Config

server = subprocess.Popen(
    [os.environ["STATEMILL"], "serve", "--listen", "127.0.0.1:0", "--db", "memory", "--task", "greet=echo"],
    stdout=subprocess.PIPE, text=True)
try:
    url = re.search(r"http://[0-9.:]+", server.stdout.readline()).group()
    assert json.load(urllib.request.urlopen(url + "/_statemill/health")) == {"status": "ok"}
    sfn = boto3.client("stepfunctions", endpoint_url=url, config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}))
    definition = json.dumps({"Comment": "你好", "StartAt": "T", "States": {"T": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:greet", "End": True}}}, ensure_ascii=False)
    role = "arn:aws:iam::123456789012:role/r"

    made = sfn.create_state_machine(name="größe", definition=definition, roleArn=role)
    arn = made["stateMachineArn"]
    assert sfn.create_state_machine(name="größe", definition=definition, roleArn=role)["creationDate"] == made["creationDate"]
    found = sfn.describe_state_machine(stateMachineArn=arn)
    assert found["definition"] == definition and found["status"] == "ACTIVE"

    for i in range(7):
        sfn.start_execution(stateMachineArn=arn, name=f"n{i}", input=json.dumps({"i": i, "text": "库存 \U0001f600"}))
    while sfn.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]:
        time.sleep(0.05)
    pages = list(sfn.get_paginator("list_executions").paginate(stateMachineArn=arn, PaginationConfig={"PageSize": 3}))
    assert [len(p["executions"]) for p in pages] == [3, 3, 1]
    assert [e["name"] for p in pages for e in p["executions"]] == [f"n{i}" for i in range(6, -1, -1)]
    one = sfn.describe_execution(executionArn=arn.replace("stateMachine", "execution") + ":n3")
    assert json.loads(one["output"]) == {"i": 3, "text": "库存 \U0001f600"}
    assert one["startDate"] <= one["stopDate"]
    events = [e for p in sfn.get_paginator("get_execution_history").paginate(
        executionArn=one["executionArn"], PaginationConfig={"PageSize": 2}) for e in p["events"]]
    assert [e["id"] for e in events] == list(range(1, len(events) + 1)) and events[-1]["type"] == "ExecutionSucceeded"

    publish = '{"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": "t", "Message": "m"}, "End": true}'
    for error, call in {
        "StateMachineAlreadyExists": lambda: sfn.create_state_machine(name="größe", definition=definition + " ", roleArn=role),
        "StateMachineDoesNotExist": lambda: sfn.describe_state_machine(stateMachineArn=arn + "x"),
        "ExecutionAlreadyExists": lambda: sfn.start_execution(stateMachineArn=arn, name="n1"),
        "ExecutionDoesNotExist": lambda: sfn.stop_execution(executionArn=one["executionArn"] + "x"),
        "ExecutionNotRedrivable": lambda: sfn.redrive_execution(executionArn=one["executionArn"]),
        "InvalidArn": lambda: sfn.delete_state_machine(stateMachineArn="x"),
        "InvalidDefinition": lambda: sfn.update_state_machine(stateMachineArn=arn, definition="{}"),
        "InvalidToken": lambda: sfn.send_task_success(taskToken="x", output="1"),
        "ValidationException": lambda: sfn.test_state(definition=publish),
    }.items():
        try:
            call()
        except getattr(sfn.exceptions, error) as e:
            assert e.response["Error"]["Code"] == error and e.response["ResponseMetadata"]["RequestId"]
        else:
            raise AssertionError(error + " was not raised")
    express = sfn.create_state_machine(name="express", type="EXPRESS", definition=definition, roleArn=role)["stateMachineArn"]
    over = sfn.start_sync_execution(stateMachineArn=express, input='{"text": "库存"}')
    assert over["status"] == "SUCCEEDED" and json.loads(over["output"]) == {"text": "库存"}
    os.environ["AWS_DISABLE_HOST_PREFIX_INJECTION"] = "true"
    other = boto3.client("stepfunctions", endpoint_url=url)
    assert other.start_sync_execution(stateMachineArn=express, name="n")["name"] == "n"
    try:
        sfn.start_sync_execution(stateMachineArn=arn)
    except sfn.exceptions.StateMachineTypeNotSupported as e:
        assert "not supported by this type" in e.response["Error"]["Message"]
    else:
        raise AssertionError("StateMachineTypeNotSupported was not raised")
    sfn.delete_state_machine(stateMachineArn=express)
    assert sfn.test_state(definition='{"Type": "Pass", "End": true}', input='{"a": 1}')["output"] == '{"a":1}'
    assert sfn.validate_state_machine_definition(definition=definition)["result"] == "OK"
    sfn.delete_state_machine(stateMachineArn=arn)
    assert sfn.list_state_machines()["stateMachines"] == []
finally:
    server.terminate()
    assert server.wait(20) == 0
print("boto3 works")
