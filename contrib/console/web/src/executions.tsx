// Executions: the list, its filters, and what is done to several.
import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { call, follow, get, useLoad, useSeldom, type Execution, type Loaded } from './api'
import { duration, many, visible, word } from './format'
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

interface Filter {
  machine: string
  status: string
  prefix: string
  span: string
}

const sinceOf = (f: Filter) => f.span ? Math.floor((Date.now() - Number(f.span)) / 60_000) * 60_000 : 0

interface Page {
  executions: Execution[]
  next?: string
}

/** A page of executions, which changes as they do. */
function useExecutions(filter: Filter, after: string | undefined): Loaded<Page> {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const key = JSON.stringify([filter, after])
  const since = sinceOf(filter)
  const list = useLoad(key, (signal) => get<Page>('executions', {
    machine: filter.machine, status: filter.status, prefix: filter.prefix, since: since || undefined, after,
  }, signal))
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
      else if (fits && !after) rows.unshift(e)
    }
    rows.splice(200)
    redraw(0)
  }, reload), [key])
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && now.current.reload(), readAgain)
    return () => clearInterval(timer)
  }, [])
  return list
}

export function ExecutionList({ machine, route }: { machine?: string; route: Route }) {
  const v = route.values
  const filter = { machine: machine ?? v.get('machine') ?? '', status: v.get('status') ?? '', prefix: v.get('prefix') ?? '', span: v.get('span') ?? '' }
  const [after, setAfter] = useState<string[]>([])
  const [picked, setPicked] = useState(new Set<string>())
  useEffect(() => {
    setAfter([])
    setPicked(new Set())
  }, [JSON.stringify(filter)])
  const list = useExecutions(filter, after[after.length - 1])
  const rows = list.data?.executions ?? []
  const filtered = !!(filter.status || filter.prefix || filter.span || (!machine && filter.machine))
  return (
    <>
      <form class="filters" aria-label="Filters" onSubmit={(e) => e.preventDefault()}>
        {!machine && <MachineFilter value={filter.machine} />}
        <Filters value={filter} />
        <span class="grow" />
        {!session.about.readOnly && <Together of={rows.filter((r) => picked.has(r.arn))} onDone={() => (setPicked(new Set()), list.reload())} />}
      </form>
      <Load of={list}>{(data) => rows.length === 0 ? (
        <Empty>{filtered ? <p>No execution agrees with these filters.{data.next && ' Older ones may.'}</p> : <p>Nothing has been executed yet.</p>}
          <p class="soft">Executions of Express machines are not kept.</p></Empty>
      ) : <Table rows={rows} machines={!machine} picked={picked} onPick={setPicked} />}</Load>
      {list.data && <Pages after={after} next={list.data.next} onChange={setAfter} />}
    </>
  )
}

function MachineFilter({ value }: { value: string }) {
  const machines = useLoad(session.region, () => call<{ stateMachines: { stateMachineArn: string; name: string; type: string }[] }>('ListStateMachines', { maxResults: 1000 }, session.region))
  return (
    <label>Machine
      <select value={value} onChange={(e) => change({ machine: e.currentTarget.value })}>
        <option value="">all</option>
        {machines.data?.stateMachines.filter((m) => m.type !== 'EXPRESS').map((m) => <option value={m.stateMachineArn}>{m.name}</option>)}
      </select>
    </label>
  )
}

function Filters({ value }: { value: Filter }) {
  return (
    <>
      <label>Status
        <select value={value.status} onChange={(e) => change({ status: e.currentTarget.value })}>
          <option value="">all</option>
          {statuses.map((s) => <option value={s}>{word(s)}</option>)}
        </select>
      </label>
      <label>Name begins with
        <input type="text" value={value.prefix} spellcheck={false} autocomplete="off" onChange={(e) => change({ prefix: e.currentTarget.value })} />
      </label>
      <label>Started in
        <select value={value.span} onChange={(e) => change({ span: e.currentTarget.value })}>
          {spans.map(([name, span]) => <option value={span || ''}>{name}</option>)}
        </select>
      </label>
    </>
  )
}

function Table({ rows, machines, picked, onPick }: { rows: Execution[]; machines: boolean; picked: Set<string>; onPick: (picked: Set<string>) => void }) {
  const clock = useNow(rows.some((r) => r.status === 'RUNNING'))
  const choose = !session.about.readOnly
  const pick = (arns: string[], on: boolean) => {
    const next = new Set(picked)
    for (const arn of arns) on ? next.add(arn) : next.delete(arn)
    onPick(next)
  }
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Executions">
      <table>
        <thead><tr>
          {choose && <th class="check"><input type="checkbox" aria-label="Choose all" checked={rows.every((r) => picked.has(r.arn))} onChange={(e) => pick(rows.map((r) => r.arn), e.currentTarget.checked)} /></th>}
          <th>Name</th>{machines && <th class="wide">Machine</th>}<th>Status</th><th class="wide">Started</th><th class="right">Took</th>
        </tr></thead>
        <tbody>{rows.map((r) => (
          <tr key={r.arn}>
            {choose && <td class="check"><input type="checkbox" aria-label={`Choose ${r.name}`} checked={picked.has(r.arn)} onChange={(e) => pick([r.arn], e.currentTarget.checked)} /></td>}
            <td class="main"><a data-row href={link('execution', { arn: r.arn })}>{r.name}</a></td>
            {machines && <td class="wide soft"><a class="plain" href={link('machine', { arn: r.machine })}>{r.machineName}</a></td>}
            <td><Status of={r.status} />{r.error && <span class="soft reason"> {visible(r.error)}</span>}</td>
            <td class="wide"><Time at={r.start} /></td>
            <td class="right number">{duration((r.stop || clock) - r.start)}</td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  )
}

interface Verb {
  name: string
  of: Execution[]
  danger?: boolean
  told: string
  call: string
}

/** What may be done to several executions, asked once. */
function Together({ of, onDone }: { of: Execution[]; onDone: () => void }) {
  const [asked, setAsked] = useState<Verb>()
  const verbs: Verb[] = [
    { name: 'Redrive', call: 'RedriveExecution', of: of.filter((r) => !['RUNNING', 'SUCCEEDED'].includes(r.status)), told: 'They go on at the states that did not succeed.' },
    { name: 'Stop', call: 'StopExecution', of: of.filter((r) => r.status === 'RUNNING'), told: 'What runs ends with the status aborted.', danger: true },
  ]
  const act = async () => {
    try {
      for (const r of asked!.of) await call(asked!.call, { executionArn: r.arn })
    } finally {
      onDone() // some may be done although one was refused
    }
  }
  return (
    <>
      {of.length > 0 && (
        <span class="chosen">
          <span class="soft">{many(of.length, 'execution')}</span>
          {verbs.map((v) => <button type="button" class={v.danger ? 'small danger' : 'small'} disabled={!v.of.length} onClick={() => setAsked(v)}>{v.name}</button>)}
        </span>
      )}
      {asked && (
        <Confirm title={`${asked.name} ${many(asked.of.length, 'execution')}?`} verb={asked.name} danger={asked.danger} onClose={() => setAsked(undefined)} act={act}>
          <p>{asked.told}</p>
        </Confirm>
      )}
    </>
  )
}
