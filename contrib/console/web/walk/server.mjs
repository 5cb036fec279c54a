// A server with something to look at, and a browser to look with.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const children = new Set()
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')))

/** Starts `statemill serve` and waits until it listens. */
export async function serve(port, ...args) {
  const child = spawn(process.env.STATEMILL ?? 'statemill', ['serve', '--listen', `127.0.0.1:${port}`, '--log', 'off', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  const ended = new Promise((done) => child.on('exit', (code) => (children.delete(child), done(code))))
  const url = await new Promise((found, failed) => {
    createInterface(child.stdout).on('line', (line) => {
      const m = /http:\/\/[0-9.:]+/.exec(line)
      if (m) found(m[0])
    })
    ended.then((code) => failed(new Error(`the server has ended with status ${code}`)))
  })
  return { url, console: url + '/_statemill/console/', port: Number(new URL(url).port), stop: async (signal = 'SIGTERM') => (child.kill(signal), ended) }
}

/** Calls an operation of the API. */
export async function call(url, operation, body) {
  const answer = await fetch(url, { method: 'POST', headers: { 'X-Amz-Target': 'AWSStepFunctions.' + operation, 'Content-Type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) })
  const text = await answer.json()
  if (!answer.ok) throw new Error(`${operation}: ${JSON.stringify(text)}`)
  return text
}

export const role = 'arn:aws:iam::123456789012:role/any'

export const create = (url, name, definition, type = 'STANDARD') =>
  call(url, 'CreateStateMachine', { name, type, roleArn: role, definition: JSON.stringify(definition, null, 2) }).then((a) => a.stateMachineArn)

export const start = (url, stateMachineArn, name, input = {}) =>
  call(url, 'StartExecution', { stateMachineArn, name, input: JSON.stringify(input) }).then((a) => a.executionArn)

/** Waits until an execution is over. */
export async function over(url, executionArn) {
  for (let n = 0; n < 600; n++) {
    const d = await call(url, 'DescribeExecution', { executionArn })
    if (d.status !== 'RUNNING') return d
    await new Promise((go) => setTimeout(go, 100))
  }
  throw new Error(executionArn + ' does not end')
}

/** A browser that has never been anywhere. */
export async function browser() {
  const folder = mkdtempSync(join(tmpdir(), 'console-'))
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, viewport: { width: 1360, height: 850 }, bypassCSP: false, timezoneId: 'UTC', locale: 'en-GB',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
  return { context, close: async () => { await context.close(); rmSync(folder, { recursive: true, force: true }) } }
}
