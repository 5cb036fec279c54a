// One execution: graph, timeline, and all that there is to know of it.
import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { call, follow, get, isAway, query, useLoad, type Change, type Drawn, type Execution, type Visit } from './api'
import { Events } from './events'
import { duration, instant, many, nameOf, visible } from './format'
import { Graph, standings, type Standing } from './graph'
import { stepEvent } from './keys'
import { change, go, link, type Route } from './route'
import { RunForm } from './runform'
import { session } from './session'
import { StatePanel } from './state'
import { Timeline } from './timeline'
import { Confirm, Load, Status, Tabs, Trouble, useNow, Value } from './ui'

/** An execution as far as it is known. */
export interface Known {
  execution: Execution
  visits: Map<number, Visit>
  last: number
  version: number // changes whenever something does
}

/** Follows an execution. */
function useExecution(arn: string): { known?: Known; error?: Error } {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const state = useRef<{ arn: string; known?: Known; error?: Error }>({ arn: '' })
  if (state.current.arn !== arn) state.current = { arn }
  const s = state.current
  useEffect(() => {
    let stop = () => {}
    let over = false
    const take = (c: Change) => {
      const again = s.known && s.known.execution.start === c.execution.start // else another execution has the name
      const visits = again ? s.known!.visits : new Map<number, Visit>()
      for (const v of c.visits) visits.set(v.id, v)
      s.known = { execution: c.execution, visits, last: again ? Math.max(c.last, s.known!.last) : c.last, version: (s.known?.version ?? 0) + 1 }
      s.error = undefined
      redraw(0)
    }
    const read = (then: (c: Change) => void): void => void get<Change>('execution', { arn }).then((c) => {
      if (over) return
      take(c)
      then(c)
    }, (error) => {
      if (over || isAway() && s.known) return
      s.error = error
      redraw(0)
      if (isAway()) setTimeout(() => !over && read(then), 1000)
      else stop()
    })
    const follows = (c: Change) => {
      const other = s.known && s.known.execution.start !== c.execution.start
      take(c)
      if (other) read(() => {}) // what it did before may be missing
    }
    read((c) => { stop = follow<Change>({ arn }, follows, () => read(() => {}), String(c.last)) })
    return () => {
      over = true
      stop()
    }
  }, [arn])
  return s
}

export function ExecutionPage({ route }: { route: Route }) {
  const arn = route.values.get('arn') ?? ''
  const { known, error } = useExecution(arn)
  if (error) return <div class="page"><div class="title"><h1>{nameOf(arn)}</h1></div><Trouble error={error} /></div>
  return known ? <Shown arn={arn} known={known} route={route} /> : <p class="loading">Loading …</p>
}

function Shown({ arn, known, route }: { arn: string; known: Known; route: Route }) {
  const e = known.execution
  const drawn = useLoad(arn, (signal) => get<Drawn>('graph', { execution: arn }, signal))
  const visits = [...known.visits.values()]
  const chosen = known.visits.get(Number(route.values.get('visit')))
  const tab = route.values.get('tab') ?? 'state'
  const select = (visit: number | undefined) => change({ visit, tab: 'state' })
  const selectState = (state: string) => {
    const of = visits.filter((v) => v.state === state)
    const best = of.find((v) => v.status === 'failed') ?? of.findLast((v) => v.status === 'open') ?? of[of.length - 1]
    if (best) select(best.id)
  }
  const steps = useRef({ visits, chosen })
  steps.current = { visits, chosen }
  useEffect(() => {
    const step = (event: Event) => {
      const { visits, chosen } = steps.current
      const by = (event as CustomEvent<number>).detail
      if (by === 0 && !chosen) return
      event.preventDefault()
      if (by === 0) return select(undefined)
      const i = chosen ? visits.indexOf(chosen) + by : by > 0 ? 0 : visits.length - 1
      if (visits[i]) select(visits[i].id)
    }
    addEventListener(stepEvent, step)
    return () => removeEventListener(stepEvent, step)
  }, [])
  const now = useStandings(known)
  return (
    <div class="split">
      <Head e={e} known={known} onSelect={select} />
      <div class="columns execution">
        <section class="left" aria-label="Graph">
          <Load of={drawn}>{(d) => (
            <Graph drawn={d} now={now} selected={chosen?.state} onSelect={selectState} download={'graph.svg' + query({ execution: arn })}
              href={(state) => link('execution', { arn, visit: visits.findLast((v) => v.state === state)?.id })} />
          )}</Load>
        </section>
        <div class="right">
          <Timeline known={known} chosen={chosen} onSelect={select} />
          <Tabs label="Details" now={tab} onChange={(tab) => change({ tab })} tabs={[
            { id: 'state', name: 'State', show: () => chosen ? <StatePanel arn={arn} known={known} visit={chosen} onSelect={select} /> : <p class="hint">Choose a state in the graph or in the timeline, or press <kbd>]</kbd>.</p> },
            { id: 'events', name: 'Events', show: () => <Events arn={arn} last={known.last} running={e.status === 'RUNNING'} /> },
            { id: 'data', name: 'Input & output', show: () => <Data arn={arn} e={e} /> },
            { id: 'definition', name: 'Definition', show: () => <Definition arn={arn} /> },
          ]} />
        </div>
      </div>
    </div>
  )
}

function useStandings(known: Known): Map<string, Standing> {
  const kept = useRef<{ version: number; made: Map<string, Standing> } | undefined>(undefined)
  if (kept.current?.version !== known.version) kept.current = { version: known.version, made: standings(known.visits.values()) }
  return kept.current!.made
}

function Head({ e, known, onSelect }: { e: Execution; known: Known; onSelect: (visit: number) => void }) {
  const [asked, setAsked] = useState<'stop' | 'redrive' | 'again'>()
  const [live, setLive] = useState('')
  const before = useRef(e.status)
  useEffect(() => {
    if (before.current !== e.status) setLive(`${e.name}: ${e.status.toLowerCase()}`)
    before.current = e.status
  }, [e.status])
  const clock = useNow(e.status === 'RUNNING')
  const over = e.status !== 'RUNNING'
  const change = !session.about.readOnly
  const failed = [...known.visits.values()].findLast((v) => v.status === 'failed')
  const caught = [...known.visits.values()].filter((v) => v.status === 'caught')
  return (
    <div class="top">
      <div class="title">
        <h1>{visible(e.name)}</h1>
        <Status of={e.status} />
        <span class="verbs">
          {change && over && e.status !== 'SUCCEEDED' && !e.mapRun && <button type="button" onClick={() => setAsked('redrive')}>Redrive</button>}
          {change && !e.mapRun && <button type="button" onClick={() => setAsked('again')}>Run again</button>}
          {change && !over && <button type="button" class="danger" onClick={() => setAsked('stop')}>Stop</button>}
        </span>
      </div>
      <p class="under">
        <a href={link('machine', { arn: e.version || e.machine })}>{e.machineName}{e.version && ' v' + nameOf(e.version)}</a>
        <span>started {instant(e.start)}</span>
        <span class="number">{over ? 'took' : 'running for'} {duration((e.stop || clock) - e.start)}</span>
        {e.redrives ? <span>redriven {many(e.redrives, 'time')}</span> : null}
        {e.parent && !e.mapRun && <a href={link('execution', { arn: e.parent })}>started by {nameOf(e.parent)}</a>}
        {e.mapRun && <a href={link('run', { arn: e.mapRun })}>item {e.item ?? 0} of a Map Run</a>}
      </p>
      <p class="hidden" role="status">{live}</p>
      {over && e.error !== undefined && e.status !== 'SUCCEEDED' && (
        <div class="failure">
          <b>{visible(e.error)}</b> <span class="cause">{visible(e.cause ?? '')}</span>
          {failed && <button type="button" class="link" onClick={() => onSelect(failed.id)}>in {visible(e.failedPath || failed.state)}{failed.attempts && failed.attempts.length > 1 ? `, attempt ${failed.attempts.length}` : ''}</button>}
        </div>
      )}
      {over && caught.length > 0 && caught.length < 4 && (
        <p class="caught-line">{caught.map((v) => <button type="button" class="link" onClick={() => onSelect(v.id)}>{visible(v.state)}: {visible(v.error ?? 'an error')} was caught</button>)}</p>
      )}
      {asked === 'stop' && (
        <Confirm title="Stop this execution?" verb="Stop" danger onClose={() => setAsked(undefined)} act={async () => { await call('StopExecution', { executionArn: e.arn }) }}>
          <p>What runs is cancelled, and the execution ends with the status aborted.</p>
        </Confirm>
      )}
      {asked === 'redrive' && (
        <Confirm title="Redrive this execution?" verb="Redrive" onClose={() => setAsked(undefined)} act={async () => { await call('RedriveExecution', { executionArn: e.arn }) }}>
          <p>It goes on at the states that did not succeed.</p>
        </Confirm>
      )}
      {asked === 'again' && <RunForm machine={e.alias || e.version || e.machine} from={e.arn} onClose={() => setAsked(undefined)} onStarted={(arn) => go('execution', { arn })} />}
    </div>
  )
}

interface Described {
  input?: string
  output?: string
  error?: string
  cause?: string
  traceHeader?: string
}

function Data({ arn, e }: { arn: string; e: Execution }) {
  const described = useLoad(`${arn} ${e.status} ${e.redrives}`, () => call<Described>('DescribeExecution', { executionArn: arn }))
  return (
    <Load of={described}>{(d) => (
      <>
        {d.input !== undefined && <Value text={d.input} what="Input" />}
        {d.output !== undefined ? <Value text={d.output} what="Output" against={d.input} /> : e.status === 'RUNNING' && <p class="hint">The output is there when the execution is over.</p>}
        {e.error !== undefined && <div class="value"><header><h3>Error</h3></header><pre tabIndex={0} aria-label="Error">{visible(`${e.error}\n${e.cause ?? ''}`)}</pre></div>}
        <dl class="facts">
          <div><dt>ARN</dt><dd class="code">{e.arn}</dd></div>
          {d.traceHeader && <div><dt>Trace</dt><dd class="code">{d.traceHeader}</dd></div>}
          {e.alias && <div><dt>Alias</dt><dd class="code">{e.alias}</dd></div>}
        </dl>
      </>
    )}</Load>
  )
}

function Definition({ arn }: { arn: string }) {
  const described = useLoad(arn, () => call<{ definition: string; stateMachineArn: string }>('DescribeStateMachineForExecution', { executionArn: arn }))
  return (
    <Load of={described}>{(d) => <Value text={d.definition} what="Definition, as this execution runs it" />}</Load>
  )
}
