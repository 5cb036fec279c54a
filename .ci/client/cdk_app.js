// The CDK app whose definition is run: node cdk_app.js, by `cdk synth`.
const { App, Duration, Stack } = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const sfn = require('aws-cdk-lib/aws-stepfunctions');
const tasks = require('aws-cdk-lib/aws-stepfunctions-tasks');

const stack = new Stack(new App(), 'Orders');
const greet = new lambda.Function(stack, 'greet', {
  runtime: lambda.Runtime.NODEJS_LATEST, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = async (e) => e'),
});
const lines = new sfn.Map(stack, 'Lines', { itemsPath: '$.lines', resultPath: '$.done', maxConcurrency: 2 });
lines.itemProcessor(new tasks.LambdaInvoke(stack, 'Greet', { lambdaFunction: greet, payloadResponseOnly: false, outputPath: '$.Payload' }));
const total = sfn.Pass.jsonata(stack, 'Total', { outputs: { total: '{% $sum($states.input.done.price) %}' } });
const pause = new sfn.Wait(stack, 'Pause', { time: sfn.WaitTime.duration(Duration.seconds(1)) });
const definition = lines.next(new sfn.Choice(stack, 'Any?')
  .when(sfn.Condition.isPresent('$.done[0]'), pause.next(total))
  .otherwise(new sfn.Fail(stack, 'Empty', { error: 'Empty', cause: 'no lines' })));
new sfn.StateMachine(stack, 'Order', { definitionBody: sfn.DefinitionBody.fromChainable(definition), comment: '订单' });
