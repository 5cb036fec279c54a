// Tasks that wait for an answer.
import { useEffect, useState } from 'preact/hooks'
import { follow, get, post, useLoad, useSeldom, type OpenTask } from './api'
import { duration, instant, nameOf, visible } from './format'
import { Pages } from './machines'
import { link } from './route'
import { session } from './session'
import { jsonError } from './text'
import { Copy, Dialog, Empty, JsonField, Load, Time, Trouble, useNow, Value } from './ui'

export function Waiting() {
  const [after, setAfter] = useState<string[]>([])
  const [answering, setAnswering] = useState<OpenTask>()
  const at = after[after.length - 1]
  const list = useLoad(`waiting ${at}`, (signal) => get<{ tasks: OpenTask[]; next?: string }>('waiting', { after: at }, signal))
  const again = useSeldom(1000, list.reload)
  useEffect(() => {
    const timer = setInterval(again, 5000)
    const stop = follow({}, again, again)
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [])
  const clock = useNow(true)
  return (
    <div class="page">
      <div class="title"><h1>Waiting tasks</h1></div>
      <Load of={list}>{(data) => data.tasks.length === 0 ? (
        <Empty><p>No task waits for an answer{data.next ? ' among these executions' : ''}.</p><p class="soft">Here are tasks of activities, and those whose Resource ends with <code>.waitForTaskToken</code>.</p></Empty>
      ) : (
        <div class="table-box" tabIndex={0} role="region" aria-label="Waiting tasks">
          <table>
            <thead><tr><th>State</th><th>Execution</th><th class="wide">Resource</th><th class="wide">Since</th><th class="right">Waits for</th><th><span class="hidden">Answer</span></th></tr></thead>
            <tbody>{data.tasks.map((t) => (
              <tr key={t.id}>
                <td class="main"><button type="button" class="link" data-row onClick={() => setAnswering(t)}>{t.state}</button></td>
                <td><a class="plain" href={link('execution', { arn: t.execution })}>{nameOf(t.execution)}</a> <span class="soft">{t.execution.split(':')[6]}</span></td>
                <td class="wide soft cut">{visible(t.resource.replace(/^arn:aws:states:::/, ''))}</td>
                <td class="wide"><Time at={t.since} /></td>
                <td class="right number">{duration(clock - t.since)}{t.deadline ? <span class="soft"> of {duration(t.deadline - t.since)}</span> : null}</td>
                <td class="right"><button type="button" class="small" onClick={() => setAnswering(t)} aria-label={`${session.about.readOnly ? 'Look at' : 'Answer'} ${t.state} of ${nameOf(t.execution)}`}>{session.about.readOnly ? 'Look' : 'Answer'}</button></td>
              </tr>
            ))}</tbody>
          </table>
        </div>
      )}</Load>
      {list.data && <Pages after={after} next={list.data.next} onChange={setAfter} />}
      {answering && <Answer task={answering} onClose={() => (setAnswering(undefined), list.reload())} />}
    </div>
  )
}

export function Answer({ task, onClose }: { task: OpenTask; onClose: () => void }) {
  const [success, setSuccess] = useState(true)
  const [output, setOutput] = useState('{}')
  const [name, setName] = useState('')
  const [cause, setCause] = useState('')
  const [error, setError] = useState<Error>()
  const [token, setToken] = useState<string>()
  const wrong = success ? jsonError(output) : ''
  const named = { execution: task.execution, id: task.id }
  const send = async (e: Event) => {
    e.preventDefault()
    try {
      await post('answer', success ? { ...named, output } : { ...named, error: name, cause })
      onClose()
    } catch (e) {
      setError(e as Error)
    }
  }
  const show = () => post<{ token: string }>('token', named).then((t) => setToken(t.token), setError)
  return (
    <Dialog title={`${task.state} of ${nameOf(task.execution)}`} onClose={onClose} wide>
      <form onSubmit={send}>
        <div class="body">
          <p class="soft">waits since {instant(task.since)}{task.deadline ? `, until ${instant(task.deadline)}` : ''} · {visible(task.resource)}</p>
          <div class="apart"><Value text={task.input} what="Input of the task" /></div>
          {!session.about.readOnly && (
            <>
              <fieldset class="choice"><legend class="hidden">Answer</legend>
                <label><input type="radio" name="answer" checked={success} onChange={() => setSuccess(true)} /> Success</label>
                <label><input type="radio" name="answer" checked={!success} onChange={() => setSuccess(false)} /> Failure</label>
              </fieldset>
              {success ? <JsonField label="Output" value={output} onChange={setOutput} error={wrong} rows={6} /> : (
                <>
                  <label class="field">Error<input type="text" value={name} maxLength={256} placeholder="Order.Declined" spellcheck={false} onInput={(e) => setName(e.currentTarget.value)} /></label>
                  <label class="field">Cause<textarea rows={3} value={cause} maxLength={32768} onInput={(e) => setCause(e.currentTarget.value)} /></label>
                </>
              )}
              {token !== undefined ? <div class="token"><code>{token}</code> <Copy text={token} what="token" /></div> : <button type="button" class="link" onClick={show}>Show the task token</button>}
            </>
          )}
          {error && <Trouble error={error} />}
        </div>
        <footer>
          <button type="button" onClick={onClose}>Cancel</button>
          {!session.about.readOnly && <button class={success ? 'primary' : 'danger'} disabled={!!wrong}>{success ? 'Send success' : 'Send failure'}</button>}
        </footer>
      </form>
    </Dialog>
  )
}
