// Map Runs: the latest, and one.
import { useEffect, useRef, useState } from 'preact/hooks'
import { call, get, useLoad, type Counts, type Execution, type MapRun } from './api'
import { count, duration, instant, many, nameOf, visible } from './format'
import { link, type Route } from './route'
import { session } from './session'
import { Dialog, Empty, Load, Status, Time, Trouble, useNow } from './ui'

/** A list or a run that goes on is read again so often: a step of a Map Run is no event of its execution. */
const again = 1000

export function useAgain(of: { reload: () => void; loading: boolean }, on: boolean, every = again) {
  const now = useRef(of)
  now.current = of
  useEffect(() => {
    if (!on) return
    const timer = setInterval(() => !document.hidden && !now.current.loading && now.current.reload(), every)
    return () => clearInterval(timer)
  }, [on, every])
}

export function Runs() {
  const list = useLoad(`runs ${session.region}`, (signal) => get<{ runs: MapRun[] }>('runs', { region: session.region }, signal))
  useAgain(list, true, list.data?.runs.some((r) => r.status === 'RUNNING') ? 2000 : 10_000)
  const clock = useNow(!!list.data?.runs.some((r) => r.status === 'RUNNING'))
  const sorted = list.data?.runs.toSorted((a, b) => Number(b.status === 'RUNNING') - Number(a.status === 'RUNNING') || b.start - a.start) ?? []
  return (
    <div class="page">
      <div class="title"><h1>Map Runs</h1><span class="soft wide">of the newest 20 executions of each machine</span></div>
      <Load of={list}>{() => sorted.length === 0 ? <Empty><p>There is no Map Run.</p><p class="soft">A Map state with the mode <code>DISTRIBUTED</code> makes one.</p></Empty> : (
        <div class="table-box" tabIndex={0} role="region" aria-label="Map Runs">
          <table>
            <thead><tr><th>Execution</th><th>Status</th><th>Children</th><th class="wide">Started</th><th class="right">Took</th></tr></thead>
            <tbody>{sorted.map((r) => (
              <tr key={r.arn}>
                <td class="main"><a data-row href={link('run', { arn: r.arn })}>{nameOf(r.execution)}</a> <span class="soft">{label(r.arn)}</span></td>
                <td><Status of={r.status} /></td>
                <td class="bar-cell"><CountBar of={r.children} small /></td>
                <td class="wide"><Time at={r.start} /></td>
                <td class="right number">{duration((r.stop || clock) - r.start)}</td>
              </tr>
            ))}</tbody>
          </table>
        </div>
      )}</Load>
    </div>
  )
}

/** The machine and the label of the Map state: "order/ship". */
const label = (arn: string) => arn.split(':')[6] ?? ''

const parts: [keyof Counts, string][] = [['succeeded', 'succeeded'], ['failed', 'failed'], ['timedOut', 'timed out'], ['aborted', 'aborted'], ['pendingRedrive', 'pending redrive'], ['running', 'running'], ['pending', 'pending']]

export function CountBar({ of, small }: { of: Counts; small?: boolean }) {
  const total = parts.reduce((sum, [key]) => sum + of[key], 0)
  const some = parts.filter(([key]) => of[key] > 0)
  return (
    <div class={`counts ${small ? 'small' : ''}`}>
      <div class="counts-bar" aria-hidden="true">{some.map(([key, kind]) => <span class={'is-' + kind.replace(' ', '-')} style={{ flexGrow: of[key] }} />)}</div>
      <p class="number">{small ? `${count(of.succeeded)} of ${count(total)}` : null}{small && of.failed > 0 ? `, ${count(of.failed)} failed` : null}
        {!small && (some.length ? some.map(([key, kind]) => <span class={`count is-${kind.replace(' ', '-')}`}><Status of={kind} /> <b>{count(of[key])}</b></span>) : <span class="soft">none yet</span>)}</p>
    </div>
  )
}

export function RunPage({ route }: { route: Route }) {
  const arn = route.values.get('arn') ?? ''
  const [editing, setEditing] = useState(false)
  const run = useLoad(arn, (signal) => get<{ runs: MapRun[] }>('runs', { run: arn }, signal).then((a) => a.runs[0]!))
  const running = run.data?.status === 'RUNNING'
  useAgain(run, running)
  const clock = useNow(running)
  return (
    <div class="page">
      <Load of={run}>{(r) => {
        const done = r.items.succeeded + r.items.failed + r.items.timedOut + r.items.aborted
        const took = Math.max(1, (r.stop || clock) - r.start)
        return (
          <>
            <div class="title">
              <h1>Map Run of {nameOf(r.execution)}</h1>
              <Status of={r.status} />
              {running && !session.about.readOnly && <span class="verbs"><button type="button" onClick={() => setEditing(true)}>Change limits</button></span>}
            </div>
            <p class="under">
              <a href={link('execution', { arn: r.execution })}>to the execution</a>
              <span>{label(r.arn)}</span>
              <span>started {instant(r.start)}</span>
              <span class="number">{running ? 'running for' : 'took'} {duration(took)}</span>
              <span class="number">{count(Math.round(done / (took / 1000) * 10) / 10)} items a second</span>
              {r.redrives ? <span>redriven {many(r.redrives, 'time')}</span> : null}
            </p>
            <div class="run-facts">
              <section aria-label="Items"><h2>Items</h2><CountBar of={r.items} /></section>
              <section aria-label="Children"><h2>Child executions</h2><CountBar of={r.children} /></section>
              <section aria-label="Limits"><h2>Limits</h2>
                <dl class="facts">
                  <div><dt>Children at a time</dt><dd class="number">{r.concurrency ? count(r.concurrency) : 'as many as the server runs'}</dd></div>
                  <div><dt>Failures tolerated</dt><dd class="number">{tolerated(r)}</dd></div>
                </dl>
              </section>
            </div>
            <Children run={arn} live={running} failed={r.children.failed + r.children.timedOut > 0} />
            {editing && <Limits run={r} onClose={() => (setEditing(false), run.reload())} />}
          </>
        )
      }}</Load>
    </div>
  )
}

function tolerated(r: MapRun): string {
  const said = []
  if (r.toleratedCount !== undefined) said.push(`${count(r.toleratedCount)} items`)
  if (r.toleratedPercentage !== undefined) said.push(`${r.toleratedPercentage} %`)
  return said.join(' or ') || 'none'
}

function Children({ run, live, failed }: { run: string; live: boolean; failed: boolean }) {
  const [status, setStatus] = useState<string>()
  const chosen = status ?? (failed ? 'FAILED' : '')
  const list = useLoad(`${run} ${chosen}`, (signal) => get<{ executions: Execution[]; next?: string }>('executions', { run, status: chosen }, signal))
  useAgain(list, live, 2000)
  return (
    <section aria-label="Child executions">
      <form class="filters" onSubmit={(e) => e.preventDefault()}>
        <label>Children that are
          <select value={chosen} onChange={(e) => setStatus(e.currentTarget.value)}>
            {[['FAILED', 'failed'], ['RUNNING', 'running'], ['SUCCEEDED', 'succeeded'], ['TIMED_OUT', 'timed out'], ['ABORTED', 'aborted'], ['', 'in any status']].map(([value, name]) => <option value={value}>{name}</option>)}
          </select>
        </label>
        <span class="soft">the newest {count(50)} at most</span>
      </form>
      <Load of={list}>{(data) => data.executions.length === 0 ? <Empty><p>No child execution has this status.</p></Empty> : (
        <div class="table-box" tabIndex={0} role="region" aria-label="List of child executions">
          <table>
            <thead><tr><th class="right">Item</th><th>Name</th><th>Status</th><th class="wide">Started</th><th class="right">Took</th></tr></thead>
            <tbody>{data.executions.map((e) => (
              <tr key={e.arn}>
                <td class="right number">{e.item ?? 0}</td>
                <td class="main"><a data-row href={link('execution', { arn: e.arn })}>{e.name}</a></td>
                <td><Status of={e.status} />{e.error && <span class="soft reason"> {visible(e.error)}</span>}</td>
                <td class="wide"><Time at={e.start} /></td>
                <td class="right number">{e.stop ? duration(e.stop - e.start) : ''}</td>
              </tr>
            ))}</tbody>
          </table>
        </div>
      )}</Load>
    </section>
  )
}

function Limits({ run, onClose }: { run: MapRun; onClose: () => void }) {
  const [concurrency, setConcurrency] = useState(String(run.concurrency))
  const [items, setItems] = useState(run.toleratedCount === undefined ? '' : String(run.toleratedCount))
  const [percentage, setPercentage] = useState(run.toleratedPercentage === undefined ? '' : String(run.toleratedPercentage))
  const [error, setError] = useState<Error>()
  const save = async (e: Event) => {
    e.preventDefault()
    const limits: Record<string, unknown> = { mapRunArn: run.arn }
    if (concurrency !== String(run.concurrency)) limits.maxConcurrency = Number(concurrency)
    if (items !== '' && Number(items) !== run.toleratedCount) limits.toleratedFailureCount = Number(items)
    if (percentage !== '' && Number(percentage) !== run.toleratedPercentage) limits.toleratedFailurePercentage = Number(percentage)
    try {
      if (Object.keys(limits).length > 1) await call('UpdateMapRun', limits)
      onClose()
    } catch (e) {
      setError(e as Error)
    }
  }
  return (
    <Dialog title="Limits of the Map Run" onClose={onClose}>
      <form onSubmit={save}>
        <div class="body">
          <label class="field">Children at a time (0: as many as the server runs)<input type="number" min="0" step="1" value={concurrency} onInput={(e) => setConcurrency(e.currentTarget.value)} /></label>
          <label class="field">Failed items that are tolerated<input type="number" min="0" step="1" value={items} onInput={(e) => setItems(e.currentTarget.value)} /></label>
          <label class="field">Failed items that are tolerated, in %<input type="number" min="0" max="100" step="any" value={percentage} onInput={(e) => setPercentage(e.currentTarget.value)} /></label>
          {error && <Trouble error={error} />}
        </div>
        <footer><button type="button" onClick={onClose}>Cancel</button><button class="primary">Change</button></footer>
      </form>
    </Dialog>
  )
}
