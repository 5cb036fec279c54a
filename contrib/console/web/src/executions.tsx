// Executions: the list, its filters, and what is done to several.
import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { call, follow, get, useLoad, useSeldom, type Execution } from './api'
import { duration, many, visible } from './format'
import { Pages } from './machines'
import { change, link, type Route } from './route'
import { session } from './session'
import { Confirm, Empty, Load, Status, Time, useNow } from './ui'

const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']
const spans: [string, number][] = [['any time', 0], ['the last hour', 3600e3], ['the last day', 86400e3], ['the last 7 days', 7 * 86400e3]]

export function Executions({ route }: { route: Route }) {
  return (
    <div class="page">
      <div class="title"><h1>Executions</h1></div>
      <ExecutionList route={route} />
    </div>
  )
}

/** How often a list is read anew, for what other processes on the same store have done. */
const readAgain = 10_000

export function ExecutionList({ machine, route }: { machine?: string; route: Route }) {
  const v = route.values
  const filter = { machine: machine ?? v.get('machine') ?? '', status: v.get('status') ?? '', prefix: v.get('prefix') ?? '', span: v.get('span') ?? '' }
  const since = filter.span ? Math.floor((Date.now() - Number(filter.span)) / 60_000) * 60_000 : 0
  const [after, setAfter] = useState<string[]>([])
  const [picked, setPicked] = useState(new Set<string>())
  const [asked, setAsked] = useState<'stop' | 'redrive'>()
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const at = after[after.length - 1]
  const key = JSON.stringify([filter, at])
  useEffect(() => {
    setAfter([])
    setPicked(new Set())
  }, [JSON.stringify(filter)])
  const list = useLoad(key, (signal) => get<{ executions: Execution[]; next?: string }>('executions', {
    machine: filter.machine, status: filter.status, prefix: filter.prefix, since: since || undefined, after: at,
  }, signal))
  const machines = useLoad(machine ? null : session.region, () => call<{ stateMachines: { stateMachineArn: string; name: string; type: string }[] }>('ListStateMachines', { maxResults: 1000 }, session.region))

  const now = useRef(list)
  now.current = list
  const reload = useSeldom(1500, list.reload)
  useEffect(() => follow<{ executions: Execution[]; missed?: boolean }>({}, (frame) => {
    const rows = now.current.data?.executions
    if (frame.missed) reload() // much is happening
    if (!rows) return
    for (const e of frame.executions) {
      const fits = (!filter.machine || e.machine === filter.machine) && (!filter.status || e.status === filter.status) && e.name.startsWith(filter.prefix) && e.start >= since
      const i = rows.findIndex((r) => r.arn === e.arn)
      if (i >= 0) rows[i] = e // what has left the filter stays until the list is read again
      else if (fits && !at) rows.unshift(e)
    }
    rows.splice(200)
    redraw(0)
  }, reload), [key])
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && now.current.reload(), readAgain)
    return () => clearInterval(timer)
  }, [])

  const rows = list.data?.executions ?? []
  const chosen = rows.filter((r) => picked.has(r.arn))
  const pick = (arns: string[], on: boolean) => {
    const next = new Set(picked)
    for (const arn of arns) on ? next.add(arn) : next.delete(arn)
    setPicked(next)
  }
  const running = chosen.filter((r) => r.status === 'RUNNING')
  const redrivable = chosen.filter((r) => !['RUNNING', 'SUCCEEDED'].includes(r.status))
  const clock = useNow(rows.some((r) => r.status === 'RUNNING'))
  const filtered = !!(filter.status || filter.prefix || filter.span || (!machine && filter.machine))
  return (
    <>
      <form class="filters" aria-label="Filters" onSubmit={(e) => e.preventDefault()}>
        {!machine && (
          <label>Machine
            <select value={filter.machine} onChange={(e) => change({ machine: e.currentTarget.value })}>
              <option value="">all</option>
              {machines.data?.stateMachines.filter((m) => m.type !== 'EXPRESS').map((m) => <option value={m.stateMachineArn}>{m.name}</option>)}
            </select>
          </label>
        )}
        <label>Status
          <select value={filter.status} onChange={(e) => change({ status: e.currentTarget.value })}>
            <option value="">all</option>
            {statuses.map((s) => <option value={s}>{s.toLowerCase().replace('_', ' ')}</option>)}
          </select>
        </label>
        <label>Name begins with
          <input type="text" value={filter.prefix} spellcheck={false} autocomplete="off" onChange={(e) => change({ prefix: e.currentTarget.value })} />
        </label>
        <label>Started in
          <select value={filter.span} onChange={(e) => change({ span: e.currentTarget.value })}>
            {spans.map(([name, span]) => <option value={span || ''}>{name}</option>)}
          </select>
        </label>
        <span class="grow" />
        {!session.about.readOnly && chosen.length > 0 && (
          <span class="chosen">
            <span class="soft">{many(chosen.length, 'execution')}</span>
            <button type="button" class="small" disabled={!redrivable.length} onClick={() => setAsked('redrive')}>Redrive</button>
            <button type="button" class="small danger" disabled={!running.length} onClick={() => setAsked('stop')}>Stop</button>
          </span>
        )}
      </form>
      <Load of={list}>{(data) => rows.length === 0 ? (
        <Empty>{filtered ? <p>No execution agrees with these filters.{data.next && ' Older ones may.'}</p> : <p>Nothing has been executed yet.</p>}
          <p class="soft">Executions of Express machines are not kept.</p></Empty>
      ) : (
        <div class="table-box" tabIndex={0} role="region" aria-label="Executions">
          <table>
            <thead><tr>
              {!session.about.readOnly && <th class="check"><input type="checkbox" aria-label="Choose all" checked={chosen.length === rows.length} onChange={(e) => pick(rows.map((r) => r.arn), e.currentTarget.checked)} /></th>}
              <th>Name</th>{!machine && <th class="wide">Machine</th>}<th>Status</th><th class="wide">Started</th><th class="right">Took</th>
            </tr></thead>
            <tbody>{rows.map((r) => (
              <tr key={r.arn}>
                {!session.about.readOnly && <td class="check"><input type="checkbox" aria-label={`Choose ${r.name}`} checked={picked.has(r.arn)} onChange={(e) => pick([r.arn], e.currentTarget.checked)} /></td>}
                <td class="main"><a data-row href={link('execution', { arn: r.arn })}>{r.name}</a></td>
                {!machine && <td class="wide soft"><a class="plain" href={link('machine', { arn: r.machine })}>{r.machineName}</a></td>}
                <td><Status of={r.status} />{r.error && <span class="soft reason"> {visible(r.error)}</span>}</td>
                <td class="wide"><Time at={r.start} /></td>
                <td class="right number">{duration((r.stop || clock) - r.start)}</td>
              </tr>
            ))}</tbody>
          </table>
        </div>
      )}</Load>
      {list.data && <Pages after={after} next={list.data.next} onChange={setAfter} />}
      {asked && (
        <Confirm title={asked === 'stop' ? `Stop ${many(running.length, 'execution')}?` : `Redrive ${many(redrivable.length, 'execution')}?`}
          verb={asked === 'stop' ? 'Stop' : 'Redrive'} danger={asked === 'stop'} onClose={() => setAsked(undefined)}
          act={async () => {
            for (const r of asked === 'stop' ? running : redrivable) {
              await (asked === 'stop' ? call('StopExecution', { executionArn: r.arn }) : call('RedriveExecution', { executionArn: r.arn }))
            }
            setPicked(new Set())
            list.reload()
          }}>
          <p>{asked === 'stop' ? 'What runs ends with the status aborted.' : 'They go on at the states that did not succeed.'}</p>
        </Confirm>
      )}
    </>
  )
}
