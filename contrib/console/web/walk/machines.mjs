// The state machines of the walks.
const task = (name, more = {}) => ({ Type: 'Task', Resource: `arn:aws:lambda:us-east-1:123456789012:function:${name}`, ...more })

/** An order: a choice, a Map, retries, a catch, a wait. */
export const order = {
  Comment: 'An order of a shop',
  StartAt: 'Validate',
  States: {
    Validate: task('validate', { Next: 'InStock' }),
    InStock: { Type: 'Choice', Choices: [{ Variable: '$.missing', NumericGreaterThan: 5, Next: 'Refuse' }], Default: 'Pack' },
    Pack: {
      Type: 'Map', ItemsPath: '$.items', MaxConcurrency: 2, ResultPath: '$.packed', Next: 'Pause',
      ItemProcessor: { StartAt: 'Weigh', States: { Weigh: task('weigh', { Next: 'Wrap' }), Wrap: { Type: 'Pass', End: true } } },
    },
    Pause: { Type: 'Wait', Seconds: 1, Next: 'Charge' },
    Charge: task('charge', {
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1, BackoffRate: 1 }],
      Catch: [{ ErrorEquals: ['Bank.Declined'], Next: 'Unpack', ResultPath: '$.declined' }], Next: 'Ship',
    }),
    Ship: {
      Type: 'Parallel', End: true,
      Branches: [
        { StartAt: 'Book', States: { Book: task('book', { End: true }) } },
        { StartAt: 'Tell', States: { Tell: task('tell', { Next: 'Log' }), Log: { Type: 'Pass', End: true } } },
      ],
    },
    Unpack: { Type: 'Pass', Next: 'Unpaid' },
    Unpaid: { Type: 'Fail', Error: 'Bank.Declined', Cause: 'card expired' },
    Refuse: { Type: 'Fail', Error: 'Order.TooLarge', Cause: 'not in stock' },
  },
}

/** A person's decision. */
export const approval = {
  StartAt: 'Ask',
  States: {
    Ask: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token', 'amount.$': '$.amount' } }, Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
}

/** A state that waits for ever: the shape of an execution that runs. */
export const patient = { StartAt: 'Sleep', States: { Sleep: { Type: 'Wait', Seconds: 3600, Next: 'End' }, End: { Type: 'Succeed' } } }

/** Steps one after the other, a second apart. */
export const steps = {
  StartAt: 'One',
  States: { One: { Type: 'Wait', Seconds: 1, Next: 'Two' }, Two: { Type: 'Wait', Seconds: 1, Next: 'Three' }, Three: { Type: 'Pass', End: true } },
}

/** Fails until it is redriven with another machine... it fails always. */
export const failing = { StartAt: 'Try', States: { Try: task('broken', { End: true }) } }

/** Names and data as an attacker would choose them. */
export const hostile = {
  StartAt: '<img src=x onerror=alert(1)>',
  States: {
    '<img src=x onerror=alert(1)>': { Type: 'Pass', Result: { html: '<script>alert(1)</script>', control: 'a\u0000b\u001b[31m\u202ereversed', quote: '"\'`' }, Next: '</text></svg><script>alert(2)</script>' },
    '</text></svg><script>alert(2)</script>': { Type: 'Pass', Next: 'bell\u0007 \u202eback \ufffe' },
    'bell\u0007 \u202eback \ufffe': { Type: 'Pass', Next: '{{7*7}} ${alert(3)}' },
    '{{7*7}} ${alert(3)}': { Type: 'Fail', Error: '<b>Bold</b>', Cause: '<script>alert(4)</script>\u0007\u202e' },
  },
}

/** A loop of so many rounds: three events each. */
export const loop = (rounds) => ({
  QueryLanguage: 'JSONata', StartAt: 'Count',
  States: {
    Count: { Type: 'Pass', Assign: { n: '{% $exists($n) ? $n + 1 : 1 %}' }, Next: 'More' },
    More: { Type: 'Choice', Choices: [{ Condition: `{% $n < ${rounds} %}`, Next: 'Count' }], Default: 'Done' },
    Done: { Type: 'Succeed' },
  },
})

export const wide = {
  StartAt: 'All',
  States: { All: { Type: 'Map', MaxConcurrency: 0, End: true, ItemProcessor: { StartAt: 'Item', States: { Item: { Type: 'Pass', End: true } } } } },
}

/** A Map Run, some of whose children fail. */
export const distributed = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map', Label: 'each', MaxConcurrency: 3, ToleratedFailurePercentage: 50, End: true,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Look',
        States: {
          Look: { Type: 'Choice', Choices: [{ Variable: '$.bad', IsPresent: true, Next: 'Bad' }], Default: 'Hold' },
          Hold: { Type: 'Wait', 'SecondsPath': '$.wait', Next: 'Good' },
          Good: { Type: 'Succeed' }, Bad: { Type: 'Fail', Error: 'Item.Bad', Cause: 'as it says' },
        },
      },
    },
  },
}

export const parent = (machine) => ({
  StartAt: 'Child',
  States: { Child: { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', Parameters: { StateMachineArn: machine, Input: {} }, End: true } },
})
