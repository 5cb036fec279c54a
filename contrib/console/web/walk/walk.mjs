// Walks through the console as its users do, in a real browser: node walk.mjs [FOLDER FOR PICTURES]
// No message on the browser's console, no request to another host, no violation that axe-core knows, in both themes.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { browser, call, create, over, serve, start } from './server.mjs'
import * as machines from './machines.mjs'

const pictures = process.argv[2]
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const began = Date.now()
rmSync('weighed', { force: true })
const tasks = ['--task', '*:function:charge=error:Bank.Declined:card expired', '--task', '*:function:broken=error:Broken:it is broken', '--task', '*:function:weigh=exec:sh -c "while ! [ -e weighed ]; do sleep 0.05; done; cat"', '--task', '*:function:*=echo']
const { context, close } = await browser()
const hosts = new Set()
const said = []
let allowed = () => false // messages that a walk provokes
context.on('request', (r) => hosts.add(new URL(r.url()).host))

/** A page of which every message is noted. */
async function newPage(in_ = context) {
  const page = await in_.newPage()
  page.setDefaultTimeout(30_000)
  page.on('console', (m) => allowed(m.text()) || said.push(`${m.type()}: ${m.text()} at ${page.url()}`))
  page.on('pageerror', (e) => said.push(`error: ${e.stack}`))
  page.on('dialog', (d) => (said.push('dialog: ' + d.message()), d.dismiss()))
  return page
}

async function walk(name, f) {
  const at = Date.now()
  try {
    await f()
  } catch (e) {
    await page.screenshot({ path: 'failed.png' }).catch(() => {})
    console.log(`FAILED: ${name}`, said)
    throw e
  }
  assert.deepEqual(said, [], name)
  console.log(`ok: ${name} (${((Date.now() - at) / 1000).toFixed(1)} s)`)
}

let server = await serve(0, '--db', 'statemill.db', ...tasks)
const { url, port } = server
const page = await newPage()
const place = (screen, values = {}) => `${server.console}#/${screen}?${new URLSearchParams(values)}`
const to = async (screen, values, target = page) => {
  await target.goto(place(screen, values))
  await target.locator('h1').first().waitFor()
}
const text = (selector, target = page) => target.locator(selector).first().innerText()
const eventually = async (what, holds) => {
  for (const end = Date.now() + 30_000; Date.now() < end; await page.waitForTimeout(50)) if (await holds()) return
  throw new Error('never: ' + what)
}

/** Axe's rules hold on what is shown now, in both themes. */
async function accessible(target, what) {
  for (const colorScheme of ['light', 'dark']) {
    await target.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await target.waitForTimeout(50)
    const found = await target.evaluate(async (source) => {
      if (!window.axe) (0, eval)(source)
      return (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes.slice(0, 4).map((n) => `${n.html.slice(0, 160)} ${n.failureSummary.slice(0, 200)}`).join(' | ')}`)
    }, axe)
    assert.deepEqual(found, [], `${what}, ${colorScheme}`)
  }
  await target.emulateMedia({ colorScheme: 'light', reducedMotion: null })
}

/** Makes a picture for the documents. */
async function picture(name) {
  if (!pictures) return
  await page.setViewportSize({ width: 1200, height: 750 })
  await page.waitForTimeout(300)
  await page.screenshot({ path: `${pictures}/${name}.png` })
  await page.setViewportSize({ width: 1360, height: 850 })
}

const order = await create(url, 'order', machines.order)
const approval = await create(url, 'approval', machines.approval)
const items = [1, 2, 3].map((n) => ({ sku: 'CUP-' + n, pieces: n }))
let declined = ''

await walk('nothing is there yet', async () => {
  const empty = await serve(0, '--db', 'memory')
  for (const [screen, words] of [['machines', 'There are no state machines'], ['executions', 'Nothing has been executed'], ['runs', 'There is no Map Run'], ['waiting', 'No task waits']]) {
    await page.goto(`${empty.console}#/${screen}`)
    await page.getByText(words).first().waitFor()
  }
  await page.goto(empty.url) // a browser is led to the console
  await page.getByText('There are no state machines').first().waitFor()
  assert.equal(new URL(page.url()).pathname, '/_statemill/console/')
  await page.goto('about:blank')
  await empty.stop()
})

await walk('start an execution and watch it live', async () => {
  await to('machines')
  await page.getByRole('button', { name: 'Run order' }).click()
  await page.getByLabel('Input', { exact: true }).fill('{"id": 1,')
  assert.match(await text('.field-error'), /Expected/)
  assert.equal(await page.getByRole('button', { name: 'Run', exact: true }).last().isDisabled(), true)
  await page.getByLabel('Input', { exact: true }).fill(JSON.stringify({ id: 'A-1', missing: 1, items, exact: 1 }).replace('"exact":1', '"exact":12345678901234567890123'))
  await page.getByLabel('Name (optional)').fill('order-1')
  await page.getByRole('button', { name: 'Run', exact: true }).last().click()
  await page.getByRole('heading', { name: 'order-1' }).first().waitFor()
  declined = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('arn')
  await page.locator('g.state.Map.is-running').waitFor()
  await page.locator('.line .status.is-running').first().waitFor()
  writeFileSync('weighed', '') // the tasks wait for it
  await page.locator('.top .status.is-failed').waitFor()
  assert.match(await text('.failure'), /Bank\.Declined\s+card expired\s*in Unpaid/)
  assert.equal(await page.locator('g.state[data-location="/States/Charge"]').getAttribute('class').then((c) => c.includes('is-caught')), true)
  await page.getByText('12345678901234567890123').waitFor({ state: 'detached' })
})

await walk('look at a state, at events and at data', async () => {
  await page.getByRole('button', { name: 'Charge', exact: true }).click()
  await page.getByRole('heading', { name: 'Charge' }).first().waitFor()
  await page.locator('.attempts tbody tr').nth(1).waitFor()
  await picture('execution')
  await page.getByText('12345678901234567890123').first().waitFor() // not rounded
  await page.getByRole('button', { name: 'Compare with input' }).first().click()
  await page.locator('.compared .plus').first().waitFor()
  await accessible(page, 'a state')
  await page.getByRole('tab', { name: 'Events' }).click()
  await page.getByRole('button', { name: 'ExecutionStarted' }).click()
  await page.locator('.event-details').getByText('CUP-1').waitFor()
  await accessible(page, 'events')
  await page.getByRole('tab', { name: 'Input & output' }).click()
  await page.getByText('CUP-3').first().waitFor()
  await page.getByRole('tab', { name: 'Definition' }).click()
  await page.getByText('"StartAt"').first().waitFor()
  await page.getByRole('button', { name: 'Iteration 2: succeeded' }).click()
  await page.getByRole('button', { name: 'Weigh', exact: true }).first().waitFor()
  assert.match(await text('.state-panel .path'), /Pack\[2\] \/ Weigh/)
})

await walk('keys lead everywhere', async () => {
  await page.keyboard.press('Escape') // the state is left
  await page.getByText('Choose a state').first().waitFor()
  await page.keyboard.press(']')
  await page.getByRole('heading', { name: 'Validate' }).first().waitFor()
  await page.keyboard.press(']')
  await page.getByRole('heading', { name: 'InStock' }).first().waitFor()
  await page.keyboard.press('[')
  await page.getByRole('heading', { name: 'Validate' }).first().waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: 'Executions' }).first().waitFor()
  await page.getByRole('link', { name: 'order-1' }).first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'order-1' }).first().waitFor()
  for (const [keys, heading] of [['gm', 'Machines'], ['gr', 'Map Runs'], ['gw', 'Waiting tasks'], ['ge', 'Executions']]) {
    for (const key of keys) await page.keyboard.press(key)
    await page.getByRole('heading', { name: heading }).first().waitFor()
  }
  await page.keyboard.press('?')
  await page.getByRole('dialog').first().waitFor()
  await accessible(page, 'keys')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('/')
  await page.keyboard.type('g m') // it is text here
  assert.equal(await page.locator('#search').inputValue(), 'g m')
  await page.locator('#search').fill(declined)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'order-1' }).first().waitFor()
})

await walk('stop, redrive, run again', async () => {
  const patient = await create(url, 'patient', machines.patient)
  const failing = await create(url, 'failing', machines.failing)
  const arn = await start(url, patient, 'sleeper')
  await to('execution', { arn })
  await page.locator('.top .status.is-running').waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await accessible(page, 'a question')
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
  await page.locator('.top .status.is-aborted').waitFor()
  const failed = await start(url, failing, 'broken')
  await over(url, failed)
  await to('execution', { arn: failed })
  await page.getByText('Broken it is broken').first().waitFor()
  await page.getByRole('button', { name: 'Redrive' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Redrive' }).click()
  await page.getByText('redriven 1 time').first().waitFor()
  await page.locator('.top .status.is-failed').waitFor()
  await page.getByRole('button', { name: 'Run again' }).click()
  await page.getByLabel('Name (optional)').fill('once-more')
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('heading', { name: 'once-more' }).first().waitFor()

  // Several at a time, from the list, which is live.
  await to('executions', { machine: patient })
  await page.getByRole('link', { name: 'sleeper' }).first().waitFor()
  for (const n of [1, 2, 3]) await start(url, patient, 'nap-' + n)
  await page.getByRole('link', { name: 'nap-3' }).first().waitFor()
  for (const n of [1, 2]) await page.getByLabel(`Choose nap-${n}`).check()
  await accessible(page, 'executions')
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stop 2 executions?').first().waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
  await eventually('two are aborted', async () => (await page.locator('tr .status.is-aborted').count()) === 3)
  await page.getByLabel('Status').selectOption('RUNNING')
  await eventually('one is left', async () => (await page.locator('tbody tr').count()) === 1)
})

await walk('answer a task, and fail another', async () => {
  for (const n of [1, 2]) await start(url, approval, 'approve-' + n, { amount: n })
  await to('waiting')
  await page.getByRole('button', { name: 'Answer Ask of approve-2' }).first().waitFor()
  await accessible(page, 'waiting')
  await page.getByRole('button', { name: 'Answer Ask of approve-1' }).click()
  await page.getByText('(task token)').first().waitFor()
  await page.getByRole('button', { name: 'Show the task token' }).click()
  await page.locator('.token code').waitFor()
  await page.getByLabel('Output').fill('{"approved": true}')
  await accessible(page, 'an answer')
  await page.getByRole('button', { name: 'Send success' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.equal((await over(url, approval.replace('stateMachine', 'execution') + ':approve-1')).output, '{"approved":true}')
  await page.getByRole('button', { name: 'Answer Ask of approve-2' }).click()
  await page.getByLabel('Failure').check()
  await page.getByLabel('Error').fill('Too.Much')
  await page.getByLabel('Cause').fill('<b>no</b>')
  await page.getByRole('button', { name: 'Send failure' }).click()
  await page.getByText('No task waits').first().waitFor()
  await to('execution', { arn: await start(url, approval, 'approve-3', { amount: 3 }) }) // from its page
  await page.getByRole('button', { name: 'Ask', exact: true }).click()
  await page.getByRole('button', { name: 'Answer' }).click()
  await page.getByRole('button', { name: 'Send success' }).click()
  await page.locator('.top .status.is-succeeded').waitFor()
  assert.equal((await over(url, approval.replace('stateMachine', 'execution') + ':approve-2')).cause, '<b>no</b>')
})

await walk('edit with an error, mend it, test a state, save', async () => {
  await to('editor', { machine: order })
  await page.locator('.editor-graph svg').waitFor()
  const code = page.locator('.cm-content')
  await code.click()
  await page.keyboard.press('Control+Home')
  for (let n = 0; n < 2; n++) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('End')
  for (let n = 0; n < 2; n++) await page.keyboard.press('ArrowLeft')
  await page.keyboard.type('s') // "StartAt": "Validates"
  await page.locator('.findings .bad, li.bad').first().waitFor()
  assert.match(await page.locator('.findings').innerText(), /3:\d+[\s\S]*did you mean "Validate"/i)
  assert.equal(await page.getByRole('button', { name: 'Save' }).isDisabled(), true)
  await picture('editor')
  await accessible(page, 'the editor with a finding')
  await page.keyboard.press('Backspace')
  await page.getByText('No errors and no warnings').first().waitFor()
  await page.locator('.findings').waitFor({ state: 'detached' })
  await page.locator('g.state[data-location="/States/Unpack"] a').click()
  await page.getByRole('tab', { name: 'Test a state' }).click()
  await page.getByRole('button', { name: 'Test Unpack' }).click()
  await page.getByText('next: Unpaid').first().waitFor()
  await accessible(page, 'a test of a state')
  await code.click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('End')
  for (let n = 0; n < 2; n++) await page.keyboard.press('ArrowLeft')
  await page.keyboard.type(' by post')
  await page.getByText('· changed').first().waitFor()
  await to('machines') // what was written is there again when one comes back
  await to('editor', { machine: order })
  await page.getByText('· changed').first().waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText('· changed').waitFor({ state: 'detached' })
  assert.match((await call(url, 'DescribeStateMachine', { stateMachineArn: order })).definition, /of a shop by post/)

  await to('editor')
  await page.locator('.editor-graph svg').waitFor()
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByLabel('Name', { exact: true }).fill('hello')
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { name: 'hello' }).first().waitFor()
  await page.getByRole('link', { name: 'To the machine' }).click()
  await page.getByText('Nothing has been executed yet').first().waitFor()
  await page.getByRole('tab', { name: 'About' }).click()
  await page.getByText('none', { exact: true }).first().waitFor()
  await accessible(page, 'a machine')
})

await walk('an Express execution shows its result', async () => {
  await create(url, 'quote', { StartAt: 'P', States: { P: { Type: 'Pass', Result: { price: 12 }, End: true } } }, 'EXPRESS')
  await to('machines')
  await accessible(page, 'machines')
  await page.getByRole('button', { name: 'Run quote' }).click()
  await page.getByRole('button', { name: 'Run and wait' }).click()
  await page.getByText('"price"').first().waitFor()
  await page.getByRole('button', { name: 'Close' }).last().click()
})

await walk('a Map Run, and limits that change', async () => {
  const run = await create(url, 'campaign', machines.distributed)
  await start(url, run, 'spring', Array.from({ length: 30 }, (_, n) => (n % 7 === 3 ? { bad: 1, wait: 0 } : { wait: n < 12 ? 0 : 600 })))
  await to('runs')
  await page.getByRole('link', { name: 'spring' }).first().waitFor()
  await accessible(page, 'Map Runs')
  await page.getByRole('link', { name: 'spring' }).click()
  await page.getByText('Item.Bad').first().waitFor()
  await page.getByRole('button', { name: 'Change limits' }).click()
  await page.getByLabel('Children at a time').fill('7')
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await eventually('seven run', async () => /running\s*7/.test(await text('[aria-label="Children"] .counts')))
  await accessible(page, 'a Map Run')
  await page.locator('td.main a').first().click() // a child that has failed
  await page.locator('g.state.Fail.is-failed').waitFor()
  await page.getByRole('link', { name: /^item \d+ of a Map Run/ }).click()
  await page.getByRole('link', { name: 'to the execution' }).click()
  await page.locator('.line .counts').waitFor()
  assert.match(await text('.line .counts'), /of 30, \d+ failed/)
  await accessible(page, 'a Map Run in a timeline')
})

await walk('a child opens in place, and its page leads back', async () => {
  const parent = await create(url, 'parent', machines.parent(await create(url, 'steps', machines.steps)))
  const arn = await start(url, parent, 'with-child')
  await to('execution', { arn })
  await page.getByRole('button', { name: /^Inside of/ }).last().click()
  await page.getByText('an execution of steps').first().waitFor()
  await over(url, arn)
  await page.locator('.line a').click()
  await page.getByRole('link', { name: 'started by with-child' }).first().waitFor()
})

await walk('a change shows soon', async () => {
  const count = 8
  const name = (n) => 'S' + n
  const paced = { StartAt: name(0), States: Object.fromEntries(Array.from({ length: count }, (_, n) => [name(n), { Type: 'Wait', Seconds: 1, ...(n + 1 < count ? { Next: name(n + 1) } : { End: true }) }])) }
  const arn = await start(url, await create(url, 'paced', paced), 'paced')
  await to('execution', { arn })
  await page.evaluate(() => {
    window.seen = {}
    new MutationObserver(() => {
      for (const b of document.querySelectorAll('.line .link')) window.seen[b.textContent] ??= Date.now()
    }).observe(document.body, { childList: true, subtree: true })
  })
  await over(url, arn)
  await page.locator('.top .status.is-succeeded').waitFor()
  const seen = await page.evaluate(() => window.seen)
  const { events } = await call(url, 'GetExecutionHistory', { executionArn: arn, maxResults: 1000 })
  const took = events.filter((e) => e.type === 'WaitStateEntered').slice(1).map((e) => seen[e.stateEnteredEventDetails.name] - e.timestamp * 1000).sort((a, b) => a - b)
  assert.equal(took.length, count - 1)
  console.log(`    from the event until it is on the page: ${took.map((ms) => ms.toFixed(0)).join(', ')} ms`)
})

await walk('hostile names and data are shown, and do nothing', async () => {
  const arn = await start(url, await create(url, 'hostile', machines.hostile), 'evil', { '<img src=x onerror=alert(5)>': '\u0000\u001b]0;title\u0007 \u202e' })
  await over(url, arn)
  await to('execution', { arn })
  await page.locator('g.state.is-failed').waitFor()
  assert.equal(await page.locator('g.state.is-succeeded').count(), 3)
  assert.match(await text('.failure'), /<b>Bold<\/b>\s+<script>alert\(4\)<\/script>\\u0007\\u202e/)
  for (const state of ['<img src=x onerror=alert(1)>', '</text></svg><script>alert(2)</script>', '{{7*7}} ${alert(3)}']) {
    await page.getByRole('button', { name: state, exact: true }).click()
    await page.getByRole('heading', { name: state, exact: true }).first().waitFor()
  }
  await page.getByRole('button', { name: '<img src=x onerror=alert(1)>', exact: true }).click()
  await page.getByText('<script>alert(1)</script>').first().waitFor()
  assert.match(await text('.state-panel'), /a\\u0000b\\u001b\[31m\\u202ereversed/i)
  for (const tab of ['Events', 'Input & output', 'Definition']) await page.getByRole('tab', { name: tab }).click()
  assert.equal(await page.locator('main img, main script').count(), 0)
  const odd = await start(url, await create(url, 'odd', { StartAt: 'F', States: { F: { Type: 'Fail', Error: '{"x": 1}}', Cause: '[no]] JSON "' } } }), 'odd')
  await over(url, odd)
  await to('execution', { arn: odd, tab: 'events' })
  await page.getByRole('button', { name: 'ExecutionFailed' }).click()
  await page.locator('.event-details').getByText('[no]] JSON "', { exact: true }).waitFor() // as it is
  await accessible(page, 'hostile data')
})

await walk('25,000 events scroll with few rows', async () => {
  const arn = await start(url, await create(url, 'loop', machines.loop(6240)), 'long')
  await over(url, arn)
  await to('execution', { arn, tab: 'events' })
  const rows = page.locator('.event[aria-rowindex]')
  await page.getByRole('button', { name: 'ExecutionStarted' }).first().waitFor()
  const body = page.locator('.events .rows-body')
  const height = await body.evaluate((e) => e.scrollHeight)
  let most = 0
  let slowest = 0
  for (let n = 0; n <= 60; n++) {
    const took = await body.evaluate((e, to) => new Promise((done) => {
      const begun = performance.now()
      e.scrollTop = to
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)))
    }), (height * n) / 60)
    slowest = Math.max(slowest, took)
    most = Math.max(most, await page.locator('.event, .line').count())
  }
  await page.getByRole('button', { name: 'ExecutionSucceeded' }).first().waitFor()
  const total = Number(await page.locator('.events .rows').getAttribute('aria-rowcount')) - 1
  assert.ok(total > 24_900, `${total} events`)
  assert.ok(most <= 200, `${most} rows are in the document`)
  console.log(`    ${total} events, at most ${most} rows at a time, ${await rows.count()} at the end; the slowest of 61 jumps took ${slowest.toFixed(0)} ms`)
})

await walk('a Map of 4,000 items, a value of 256 KiB', async () => {
  const arn = await start(url, await create(url, 'wide', machines.wide), 'four-thousand', Array.from({ length: 4000 }, (_, n) => n))
  await over(url, arn)
  await to('execution', { arn })
  await page.getByRole('button', { name: 'Iteration 30: succeeded' }).click()
  await page.getByRole('heading', { name: 'Item' }).first().waitFor()
  assert.ok((await page.locator('.line').count()) < 200)
  await page.locator('.timeline .rows-body').evaluate((e) => { e.scrollTop = e.scrollHeight })
  await page.getByRole('button', { name: 'Iteration 3999: succeeded' }).first().waitFor()
  await accessible(page, 'a wide Map')
  const pass = await create(url, 'large', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
  const { executionArn: nested } = await call(url, 'StartExecution', { stateMachineArn: pass, name: 'nested', input: '['.repeat(900) + '1,'.repeat(100_000) + '1' + ']'.repeat(900) })
  await over(url, nested)
  await to('execution', { arn: nested, tab: 'data' })
  await page.getByRole('button', { name: /^Show all/ }).first().waitFor()
  const large = await start(url, pass, 'large', { text: 'é<'.repeat(130_000 / 3) + 'x'.repeat(130_000) })
  await over(url, large)
  await to('execution', { arn: large, tab: 'data' })
  await page.getByRole('button', { name: /^Show all/ }).first().click()
  await eventually('all is shown', async () => (await page.locator('.value pre').first().innerText()).length > 210_000)
})

await walk('the server goes away and comes back', async () => {
  const steps = await create(url, 'paces', { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 4, Next: 'B' }, B: { Type: 'Succeed' } } })
  const arn = await start(url, steps, 'patience')
  await to('execution', { arn })
  await page.locator('.top .status.is-running').waitFor()
  allowed = (message) => /ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to load resource/.test(message)
  await server.stop()
  await page.getByText('The server cannot be reached').first().waitFor()
  await accessible(page, 'a server that is away')
  server = await serve(port, '--db', 'statemill.db', ...tasks)
  await page.getByText('The server cannot be reached').waitFor({ state: 'detached' })
  await page.locator('.top .status.is-succeeded').waitFor()
  assert.equal(await page.locator('.line .link').count(), 2)
  allowed = () => false
})

await walk('narrow, dark, and only to look at', async () => {
  const shy = await serve(0, '--db', 'memory', '--console-read-only', ...tasks)
  const machine = await create(shy.url, 'order', machines.order)
  const asks = await start(shy.url, await create(shy.url, 'approval', machines.approval), 'approve', { amount: 1 })
  const arn = await start(shy.url, machine, 'order-1', { missing: 1, items })
  await over(shy.url, arn)
  await page.setViewportSize({ width: 390, height: 780 })
  for (const screen of ['machines', 'executions', 'runs', 'waiting', 'editor', `execution?${new URLSearchParams({ arn })}`, `machine?${new URLSearchParams({ arn: machine })}`]) {
    await page.goto(`${shy.console}#/${screen}`)
    await page.locator('h1').first().waitFor()
    await page.waitForTimeout(300)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, screen + ' is too wide')
    await accessible(page, screen + ', narrow')
    assert.equal(await page.getByRole('button', { name: /^(Run|Stop|Redrive|Save|Create|Run again)$/ }).count(), 0, screen)
  }
  await page.goto(`${shy.console}#/waiting`)
  await page.getByRole('button', { name: 'Look at Ask of approve' }).click()
  await page.getByText('(task token)').first().waitFor()
  assert.equal(await page.getByRole('button', { name: /Send/ }).count(), 0)
  await page.keyboard.press('Escape')
  const answer = await fetch(shy.console + 'event?' + new URLSearchParams({ arn: asks, id: 3 })).then((a) => a.text())
  assert.match(answer, /\(task token\)/)
  await page.goto('about:blank')
  await page.setViewportSize({ width: 1360, height: 850 })
  await shy.stop()
})

assert.deepEqual([...hosts].filter((h) => h && !h.startsWith('127.0.0.1:')), [], 'requests to other hosts')
await close()
await server.stop()
console.log(`the console has been walked through in ${((Date.now() - began) / 1000).toFixed(0)} s`)
