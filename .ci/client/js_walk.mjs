// The SDK for JavaScript against one server: operations, a paginator, errors by name.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { once } from 'node:events';

const { SFN, paginateGetExecutionHistory, paginateListExecutions } = createRequire(process.cwd() + '/')('@aws-sdk/client-sfn');

const server = spawn(process.env.STATEMILL, ['serve', '--listen', '127.0.0.1:0', '--db', 'memory', '--task', 'greet=echo', '--log', 'off']);
try {
  const [first] = await once(server.stdout, 'data');
  const endpoint = /http:\/\/[0-9.:]+/.exec(first)[0];
  const sfn = new SFN({
    endpoint, region: 'eu-west-1', disableHostPrefix: true, maxAttempts: 1, credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const roleArn = 'arn:aws:iam::123456789012:role/r';
  const definition = JSON.stringify({ Comment: '你好 \u{1f600}', StartAt: 'T', States: { T: {
    Type: 'Task', Resource: 'arn:aws:lambda:eu-west-1:123456789012:function:greet', End: true } } });

  const { stateMachineArn, creationDate } = await sfn.createStateMachine({ name: 'größe', definition, roleArn, publish: true });
  assert.match(stateMachineArn, /^arn:aws:states:eu-west-1:123456789012:/);
  const described = await sfn.describeStateMachine({ stateMachineArn });
  assert.equal(described.definition, definition);
  assert.equal(described.creationDate.getTime(), creationDate.getTime());
  await sfn.createStateMachineAlias({ name: 'live', routingConfiguration: [{ stateMachineVersionArn: stateMachineArn + ':1', weight: 100 }] });
  const { executionArn } = await sfn.startExecution({ stateMachineArn: stateMachineArn + ':live', input: '{"text": "库存 \u{1f600}"}' });
  let execution;
  do execution = await sfn.describeExecution({ executionArn }); while (execution.status === 'RUNNING');
  assert.deepEqual(JSON.parse(execution.output), { text: '库存 \u{1f600}' });
  assert.ok(execution.startDate <= execution.stopDate);
  const events = [];
  for await (const page of paginateGetExecutionHistory({ client: sfn, pageSize: 3 }, { executionArn })) events.push(...page.events);
  assert.deepEqual(events.map((e) => e.id), events.map((_, i) => i + 1));
  assert.equal(events.at(-1).type, 'ExecutionSucceeded');
  let pages = 0;
  for await (const page of paginateListExecutions({ client: sfn }, { stateMachineArn })) pages += page.executions.length;
  assert.equal(pages, 1);

  const express = await sfn.createStateMachine({ name: 'express', type: 'EXPRESS', roleArn, definition });
  const sync = await sfn.startSyncExecution({ stateMachineArn: express.stateMachineArn, input: '[1]' });
  assert.equal(sync.output, '[1]');
  assert.equal(sync.billingDetails.billedMemoryUsedInMB, 64);
  const tested = await sfn.testState({ definition: '{"Type": "Pass", "End": true}', input: '{"a": 1}' });
  assert.equal(tested.output, '{"a":1}');

  for (const [name, call] of Object.entries({
    ExecutionAlreadyExists: () => sfn.startExecution({ stateMachineArn, name: execution.name, input: '1' }),
    InvalidArn: () => sfn.describeExecution({ executionArn: 'x' }),
    StateMachineDoesNotExist: () => sfn.startSyncExecution({ stateMachineArn: stateMachineArn + 'x' }),
    StateMachineTypeNotSupported: () => sfn.startSyncExecution({ stateMachineArn }),
    InvalidToken: () => sfn.sendTaskSuccess({ taskToken: 'x', output: '1' }),
    ValidationException: () => sfn.listExecutions({ stateMachineArn, maxResults: 5000 }),
  })) await assert.rejects(call, { name });
  await sfn.deleteStateMachine({ stateMachineArn });
  await sfn.deleteStateMachine({ stateMachineArn: express.stateMachineArn });
  assert.deepEqual((await sfn.listStateMachines({})).stateMachines, []);
} finally {
  server.kill('SIGTERM');
  const [code] = server.exitCode === null ? await once(server, 'exit') : [server.exitCode];
  assert.equal(code, 0);
}
console.log('the SDK for JavaScript works');
