// All of one visit of a state.
import { useState } from 'preact/hooks'
import { get, useLoad, type OpenTask, type Visit } from './api'
import type { Known } from './execution'
import { clock, count, duration, visible } from './format'
import { link } from './route'
import { session } from './session'
import { Load, Status, Value } from './ui'
import { Answer } from './waiting'

interface Data {
  input?: string
  output?: string
  variables?: string
  error?: string
  cause?: string
  attempts?: { input?: string; output?: string; error?: string; cause?: string }[]
  left?: number
}

export function StatePanel({ arn, known, visit, onSelect }: { arn: string; known: Known; visit: Visit; onSelect: (visit: number) => void }) {
  const [attempt, setAttempt] = useState<{ of: number; n: number }>()
  const others = [...known.visits.values()].filter((v) => v.state === visit.state)
  const at = others.indexOf(visit)
  const attempts = visit.attempts ?? []
  // What is read depends on what has happened to the visit.
  const key = `${arn} ${visit.id} ${visit.status} ${attempts.map((a) => a.status).join()}`
  const data = useLoad(key, (signal) => get<Data>('visit', { arn, event: visit.id }, signal))
  const n = attempt?.of === visit.id ? attempt.n : attempts.length - 1
  const path = pathOf(known, visit)
  return (
    <div class="state-panel">
      <header>
        <h2>{visible(visit.state)}</h2>
        <span class="tag">{visit.type}</span>
        <Status of={visit.status} />
        <span class="soft number">{clock(visit.entered)}{visit.left ? ` · ${duration(visit.left - visit.entered)}` : ''}</span>
        <span class="grow" />
        {others.length > 1 && (
          <span class="stepper">
            <button type="button" class="icon" aria-label="Previous visit" disabled={at <= 0} onClick={() => onSelect(others[at - 1]!.id)}>‹</button>
            <span class="soft number">visit {count(at + 1)} of {count(others.length)}</span>
            <button type="button" class="icon" aria-label="Next visit" disabled={at >= others.length - 1} onClick={() => onSelect(others[at + 1]!.id)}>›</button>
          </span>
        )}
      </header>
      {path !== visit.state && <p class="soft path">{visible(path)}</p>}
      <Load of={data}>{(d) => {
        const one = d.attempts?.[n - (d.left ?? 0)]
        return (
          <>
            {(one?.error ?? d.error) !== undefined && (
              <div class={`failure is-${visit.status}`}><b>{visible(one?.error ?? d.error ?? '')}</b> <pre class="cause" tabIndex={0} aria-label="Cause">{visible(one?.cause ?? d.cause ?? '')}</pre></div>
            )}
            {visit.status === 'open' && (visit.type === 'Task' ? <Waits arn={arn} visit={visit} /> : <p class="soft now">The state is being worked on.</p>)}
            {attempts.length > 1 && visit.type === 'Task' && <Attempts of={attempts} now={n} onPick={(n) => setAttempt({ of: visit.id, n })} />}
            {visit.executions?.map((e) => <p><a href={link('execution', { arn: e })}>To the execution that it has started</a></p>)}
            {visit.mapRun && <p><a href={link('run', { arn: visit.mapRun })}>To its Map Run</a></p>}
            {d.input !== undefined && <Value text={d.input} what="Input" />}
            {one?.input !== undefined && one.input !== d.input && <Value text={one.input} what={attempts.length > 1 ? `Request of attempt ${n + 1}` : 'Request'} against={d.input} />}
            {one?.output !== undefined && one.output !== d.output && <Value text={one.output} what={visit.status === 'open' ? 'Response so far' : attempts.length > 1 ? `Result of attempt ${n + 1}` : 'Result'} />}
            {d.output !== undefined && <Value text={d.output} what="Output" against={d.input} />}
            {d.variables !== undefined && <Value text={d.variables} what="Variables it assigned" />}
          </>
        )
      }}</Load>
    </div>
  )
}

/** Whether the task waits for an answer, which may be given here. */
function Waits({ arn, visit }: { arn: string; visit: Visit }) {
  const [answering, setAnswering] = useState(false)
  const open = useLoad(`${arn} ${visit.id} ${visit.attempts?.length}`, (signal) => get<{ tasks: OpenTask[] }>('waiting', { arn }, signal))
  const tasks = open.data?.tasks.filter((t) => t.state === visit.state) ?? []
  const only = tasks.length === 1 ? tasks[0] : undefined
  if (!tasks.length) return <p class="soft now">The state is being worked on.</p>
  return (
    <div class="soft now">
      {only ? 'The task waits for an answer. ' : <>{count(tasks.length)} tasks of this state <a href={link('waiting')}>wait for an answer</a>.</>}
      {only && <button type="button" class="small" onClick={() => setAnswering(true)}>{session.about.readOnly ? 'Look' : 'Answer'}</button>}
      {only && answering && <Answer task={only} onClose={() => setAnswering(false)} />}
    </div>
  )
}

function pathOf(known: Known, v: Visit): string {
  const around = known.visits.get(v.parent ?? 0)
  return around ? `${pathOf(known, around)}[${v.child ?? 0}] / ${v.state}` : v.state
}

function Attempts({ of, now, onPick }: { of: NonNullable<Visit['attempts']>; now: number; onPick: (n: number) => void }) {
  const from = Math.max(0, of.length - 50)
  return (
    <table class="attempts">
      <caption class="hidden">Attempts</caption>
      <thead><tr><th>Attempt</th><th>Status</th><th>Started</th><th class="right">Took</th><th>Error</th></tr></thead>
      <tbody>{of.slice(from).map((a, i) => {
        const n = from + i
        const start = a.started || a.scheduled
        return (
          <tr class={n === now ? 'chosen' : ''}>
            <td><button type="button" class="link" aria-pressed={n === now} onClick={() => onPick(n)}>{n + 1}</button></td>
            <td><Status of={a.status} /></td>
            <td class="number">{start ? clock(start) : ''}</td>
            <td class="right number">{start && a.ended ? duration(a.ended - start) : ''}</td>
            <td class="cut">{a.error ? visible(a.error) : ''}</td>
          </tr>
        )
      })}</tbody>
    </table>
  )
}
