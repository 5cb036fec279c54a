// Starts an execution.
import { useEffect, useState } from 'preact/hooks'
import { call, get, useLoad, type Execution } from './api'
import { instant, nameOf, visible } from './format'
import { go } from './route'
import { jsonError, pretty } from './text'
import { Dialog, JsonField, Status, Trouble, Value } from './ui'

interface Result {
  status: string
  output?: string
  error?: string
  cause?: string
}

export function RunForm({ machine, type, from, onClose, onStarted }: { machine: string; type?: string; from?: string; onClose: () => void; onStarted?: (arn: string) => void }) {
  const [name, setName] = useState('')
  const [input, setInput] = useState('{}')
  const [error, setError] = useState<Error>()
  const [result, setResult] = useState<Result>()
  const [busy, setBusy] = useState(false)
  const [source, setSource] = useState(from)
  const express = type === 'EXPRESS'
  const plain = machine.split(':').slice(0, 7).join(':')
  const former = useLoad(express ? null : plain, (signal) => get<{ executions: Execution[] }>('executions', { machine: plain }, signal))
  const take = (arn: string) => call<{ input?: string }>('DescribeExecution', { executionArn: arn }).then((d) => setInput(pretty(d.input ?? '{}')), setError)
  useEffect(() => {
    if (source) void take(source)
  }, [source])
  const wrong = jsonError(input)
  const start = async (e: Event) => {
    e.preventDefault()
    setBusy(true)
    setError(undefined)
    setResult(undefined)
    const asked = { stateMachineArn: machine, input, ...(name && { name }) }
    try {
      if (express) setResult(await call<Result>('StartSyncExecution', asked))
      else {
        const { executionArn } = await call<{ executionArn: string }>('StartExecution', asked)
        onClose()
        onStarted ? onStarted(executionArn) : go('execution', { arn: executionArn })
      }
    } catch (e) {
      setError(e as Error)
    }
    setBusy(false)
  }
  return (
    <Dialog title={`Run ${nameOf(plain)}`} onClose={onClose} wide>
      <form onSubmit={start}>
        <div class="body">
          {former.data && former.data.executions.length > 0 && (
            <label class="field">Start from the input of
              <select value={source ?? ''} onChange={(e) => setSource(e.currentTarget.value)}>
                <option value="">–</option>
                {former.data.executions.slice(0, 20).map((x) => <option value={x.arn}>{x.name} ({x.status.toLowerCase()}, {instant(x.start)})</option>)}
              </select>
            </label>
          )}
          <JsonField label="Input" value={input} onChange={setInput} error={wrong} rows={12} />
          <label class="field">Name (optional)<input type="text" value={name} maxLength={80} spellcheck={false} autocomplete="off" onInput={(e) => setName(e.currentTarget.value)} /></label>
          {error && <Trouble error={error} />}
          {result && (
            <section aria-label="Result">
              <p><Status of={result.status} /> {result.error && <b>{visible(result.error)}</b>} {visible(result.cause ?? '')}</p>
              {result.output !== undefined && <Value text={result.output} what="Output" against={input} />}
            </section>
          )}
        </div>
        <footer><button type="button" onClick={onClose}>{result ? 'Close' : 'Cancel'}</button><button class="primary" disabled={!!wrong || busy}>{busy ? 'Running …' : express ? 'Run and wait' : 'Run'}</button></footer>
      </form>
    </Dialog>
  )
}
