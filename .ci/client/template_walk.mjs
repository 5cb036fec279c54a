// Validates and runs each state machine of a CloudFormation template, which says what
// comes of it with an order: node template_walk.mjs TEMPLATE
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';

const account = '123456789012';
const pseudo = { 'AWS::Partition': 'aws', 'AWS::Region': 'us-east-1', 'AWS::AccountId': account };
const template = JSON.parse(readFileSync(process.argv[2], 'utf8'));

// ref is what CloudFormation would put in the place of a resource.
function ref(name) {
  if (name in pseudo) return pseudo[name];
  switch (template.Resources[name].Type) {
    case 'AWS::Lambda::Function': return `arn:aws:lambda:us-east-1:${account}:function:${name}`;
    case 'AWS::IAM::Role': return `arn:aws:iam::${account}:role/${name}`;
  }
  throw new Error('no value for ' + name);
}

// text resolves the functions of CloudFormation.
function text(value, names = {}) {
  if (typeof value === 'string') return value;
  const [[name, args]] = Object.entries(value);
  switch (name) {
    case 'Ref': return ref(args);
    case 'Fn::GetAtt': return ref(args[0]);
    case 'Fn::Join': return args[1].map((part) => text(part)).join(args[0]);
    case 'Fn::Sub': {
      const [form, values] = typeof args === 'string' ? [args, {}] : args;
      return form.replace(/\$\{([^}]+)\}/g, (_, key) => (key in values ? text(values[key]) : ref(key)));
    }
  }
  throw new Error('no function ' + name);
}

const server = spawn(process.env.STATEMILL, ['serve', '--listen', '127.0.0.1:0', '--db', 'memory', '--log', 'off',
  '--task', '*:function:*=echo', '--task', 'arn:aws:states:::lambda:invoke=echo']);
try {
  const url = /http:\/\/[0-9.:]+/.exec((await once(server.stdout, 'data'))[0])[0];
  const call = async (operation, body) => {
    const answer = await fetch(url, { method: 'POST', headers: { 'X-Amz-Target': 'AWSStepFunctions.' + operation }, body: JSON.stringify(body) });
    const found = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(found));
    return found;
  };
  const machines = Object.entries(template.Resources).filter(([, resource]) => resource.Type === 'AWS::StepFunctions::StateMachine');
  assert.notEqual(machines.length, 0);
  for (const [name, { Properties: properties }] of machines) {
    const definition = text(properties.DefinitionString);
    const checked = await call('ValidateStateMachineDefinition', { definition, severity: 'WARNING' });
    assert.deepEqual(checked.diagnostics, [], definition);
    const { stateMachineArn } = await call('CreateStateMachine', { name, definition, roleArn: text(properties.RoleArn) });
    const { executionArn } = await call('StartExecution', { stateMachineArn, input: '{"lines": [{"price": 2}, {"price": 3}]}' });
    let execution;
    do {
      await new Promise((resolve) => setTimeout(resolve, 100));
      execution = await call('DescribeExecution', { executionArn });
    } while (execution.status === 'RUNNING');
    assert.deepEqual(JSON.parse(execution.output ?? 'null'), { total: 5 }, JSON.stringify(execution));
    console.log(`${name} works: validated, created and run`);
  }
} finally {
  server.kill('SIGTERM');
  assert.equal(server.exitCode ?? (await once(server, 'exit'))[0], 0);
}
