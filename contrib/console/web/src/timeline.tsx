// When which state was visited.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { get, useLoad, type Change, type MapRun, type Visit } from './api'
import type { Known } from './execution'
import { count, duration, nameOf, visible } from './format'
import { link } from './route'
import { CountBar, useAgain } from './runs'
import { Rows, Status, useNow } from './ui'

interface Line {
  key: string
  depth: number
  visit?: Visit
  execution?: string // that the visit has started
  run?: string
  grid?: Visit // a Map state whose iterations are shown
  cells?: [number, number]
  foreign?: boolean // it is of another execution
}

const cellsInRow = 25
const lineHeight = 28

/** What is open in a timeline. */
interface Opened {
  is: (key: string, first: boolean) => boolean // first: unless somebody has opened or closed it
  iteration: (map: Visit) => number | undefined
  children: Record<string, Change> // of executions that are open
}

/** Visits by the visit around them; 0: none. */
function insideOf(visits: Iterable<Visit>): Map<number, Visit[]> {
  const inside = new Map<number, Visit[]>()
  for (const v of visits) {
    const list = inside.get(v.parent ?? 0)
    if (list) list.push(v)
    else inside.set(v.parent ?? 0, [v])
  }
  return inside
}

const isMap = (v: Visit) => v.type === 'Map' && !!v.iterations

/** Whether what is inside of a visit shows at first. */
const opensItself = (v: Visit, depth: number) => v.type !== 'Map' || depth < 2

/** The lines that show, one below the other. */
function linesOf(inside: Map<number, Visit[]>, opened: Opened): Line[] {
  const lines: Line[] = []
  const add = (v: Visit, depth: number) => {
    lines.push({ key: String(v.id), depth, visit: v })
    for (const arn of v.executions ?? []) {
      lines.push({ key: arn, depth: depth + 1, execution: arn })
      if (opened.is(arn, false)) for (const c of opened.children[arn]?.visits ?? []) if (!c.parent) lines.push({ key: arn + c.id, depth: depth + 2, visit: c, foreign: true })
    }
    if (v.mapRun) lines.push({ key: v.mapRun + v.id, depth: depth + 1, run: v.mapRun })
    if (!opened.is(String(v.id), opensItself(v, depth))) return
    const held = inside.get(v.id) ?? []
    if (!isMap(v)) {
      for (const c of held.toSorted((a, b) => (a.child ?? 0) - (b.child ?? 0) || a.id - b.id)) add(c, depth + 1)
      return
    }
    const length = v.iterations!.length
    if (length > 1) for (let at = 0; at < length; at += cellsInRow) lines.push({ key: `${v.id}g${at}`, depth: depth + 1, grid: v, cells: [at, Math.min(at + cellsInRow, length)] })
    const now = length === 1 ? 0 : opened.iteration(v)
    for (const c of held) if ((c.child ?? 0) === now) add(c, depth + 1)
  }
  for (const v of inside.get(0) ?? []) add(v, 0)
  return lines
}

export function Timeline({ known, chosen, onSelect }: { known: Known; chosen?: Visit; onSelect: (visit: number | undefined) => void }) {
  const [open, setOpen] = useState<Record<string, boolean>>({})
  const [iteration, setIteration] = useState<Record<number, number>>({})
  const [children, setChildren] = useState<Record<string, Change>>({})
  const running = known.execution.status === 'RUNNING'
  const clock = useNow(running)
  const end = Math.max(known.execution.stop ?? (running ? clock : 0), lastOf(known.visits.values()))
  const scale = { start: known.execution.start, length: Math.max(1, end - known.execution.start), now: end }
  const inside = insideOf(known.visits.values())
  const shownIteration = (v: Visit): number | undefined => {
    for (let at: Visit | undefined = chosen; at; at = known.visits.get(at.parent ?? 0)) if (at.parent === v.id) return at.child ?? 0
    return iteration[v.id]
  }
  const isOpen = (key: string, first: boolean) => open[key] ?? first
  const lines = linesOf(inside, { is: isOpen, iteration: shownIteration, children })
  const toggleChild = (arn: string) => {
    setOpen({ ...open, [arn]: !open[arn] })
    if (!open[arn]) void get<Change>('execution', { arn }).then((c) => setChildren((all) => ({ ...all, [arn]: c })), () => {})
  }
  const pick = (map: Visit, n: number) => {
    setIteration({ ...iteration, [map.id]: n })
    onSelect(inside.get(map.id)?.find((c) => (c.child ?? 0) === n)?.id ?? map.id)
  }
  const draw = (i: number) => {
    const l = lines[i]!
    const pad = { paddingLeft: `${8 + l.depth * 14}px` }
    const common = { role: 'row' as const, 'aria-rowindex': i + 2, key: l.key }
    if (l.grid) return <div {...common} class="line"><div role="cell" class="cells" style={pad}><Cells of={l.grid} from={l.cells![0]} to={l.cells![1]} now={shownIteration(l.grid)} onPick={(n) => pick(l.grid!, n)} /></div></div>
    if (l.run) return <RunLine common={common} pad={pad} arn={l.run} />
    if (l.execution) return <ChildLine common={common} pad={pad} arn={l.execution} open={!!open[l.execution]} onToggle={() => toggleChild(l.execution!)} child={children[l.execution]} />
    const v = l.visit!
    const shown = isOpen(String(v.id), opensItself(v, l.depth))
    const fold = !l.foreign && (isMap(v) || inside.has(v.id)) ? <button type="button" class="fold" aria-expanded={shown} aria-label={`Inside of ${v.state}`} onClick={(e) => (e.stopPropagation(), setOpen({ ...open, [v.id]: !shown }))}>{shown ? '▾' : '▸'}</button> : null
    return <VisitLine common={common} pad={pad} v={v} fold={fold} scale={scale} clock={clock} chosen={v.id === chosen?.id} onSelect={l.foreign ? undefined : onSelect} />
  }
  return (
    <section class="timeline" aria-label="Timeline">
      <Rows count={lines.length} height={lineHeight} label="Timeline" row={draw} header={
        <div role="row" aria-rowindex={1} class="line line-head"><div role="columnheader" class="line-name">State</div><div role="columnheader" class="line-bar"><span>0</span><span>{duration(scale.length)}</span></div><div role="columnheader" class="line-note">Took</div></div>
      } />
    </section>
  )
}

/** A visit. One of another execution cannot be selected: it has no onSelect. */
function VisitLine({ common, pad, v, fold, scale, clock, chosen, onSelect }: {
  common: object; pad: { paddingLeft: string }; v: Visit; fold: JSX.Element | null; scale: Scale; clock: number; chosen: boolean; onSelect?: (visit: number) => void
}) {
  const here = chosen && !!onSelect
  return (
    <div {...common} class={`line ${here ? 'chosen' : ''}`} onClick={() => onSelect?.(v.id)}>
      <div role="cell" class="line-name" style={pad}>
        {fold}
        <Status of={v.status} bare />
        {onSelect ? <button type="button" class="link cut" data-row aria-current={here ? 'true' : undefined} onClick={(e) => (e.stopPropagation(), onSelect(v.id))}>{visible(v.state)}</button> : <span class="cut">{visible(v.state)}</span>}
      </div>
      <div role="cell" class="line-bar"><Bar v={v} scale={scale} /></div>
      <div role="cell" class="line-note number">{duration((v.left || clock) - v.entered)}<span class="soft">{note(v)}</span></div>
    </div>
  )
}

/** The last instant of which visits tell. */
function lastOf(visits: Iterable<Visit>): number {
  let last = 0
  for (const v of visits) last = Math.max(last, v.left ?? v.entered)
  return last
}

function note(v: Visit): string {
  if (v.mapRun) return '' // its own line tells
  if (v.type === 'Map' && v.length) {
    const done = (v.iterations?.match(/[ecfa]/g) ?? []).length
    return ` ${count(done)} of ${count(v.length)}`
  }
  return v.type === 'Task' && v.attempts && v.attempts.length > 1 ? ` ${v.attempts.length} attempts` : ''
}

interface Scale {
  start: number
  length: number
  now: number
}

/** The bar of a visit: attempts are solid, what lies between them is hatched. */
function Bar({ v, scale }: { v: Visit; scale: Scale }) {
  const place = (from: number, to: number) => {
    const left = Math.min(99.6, Math.max(0, ((from - scale.start) / scale.length) * 100))
    return { left: `${left}%`, width: `${Math.max(0.4, Math.min(100 - left, ((to - from) / scale.length) * 100))}%` }
  }
  const end = v.left || scale.now
  const waits = v.type === 'Wait' || (v.type === 'Task' && (v.attempts?.length ?? 0) > 0)
  return (
    <div class={`bar is-${v.status}`}>
      <span class={waits ? 'whole hatched' : 'whole'} style={place(v.entered, end)} />
      {v.type === 'Task' && v.attempts?.slice(-40).map((a) => {
        const from = a.started || a.scheduled
        return from ? <span class={`attempt is-${a.status}`} style={place(from, a.ended || end)} /> : null
      })}
    </div>
  )
}

const letters: Record<string, string> = { e: 'succeeded', c: 'caught', f: 'failed', a: 'aborted', o: 'running', '.': 'not started' }

function Cells({ of, from, to, now, onPick }: { of: Visit; from: number; to: number; now?: number; onPick: (n: number) => void }) {
  const cells = []
  for (let n = from; n < to; n++) {
    const kind = letters[of.iterations![n]!]!
    cells.push(<button type="button" tabIndex={n === (now ?? 0) ? 0 : -1} class={`cell is-${kind.replace(' ', '-')} ${n === now ? 'chosen' : ''}`} title={`${n}: ${kind}`} aria-label={`Iteration ${n}: ${kind}`} aria-pressed={n === now} onClick={(e) => (e.stopPropagation(), onPick(n))} onKeyDown={(e) => arrows(e, n, of.iterations!.length, onPick)}>{n}</button>)
  }
  return <>{cells}</>
}

function arrows(e: KeyboardEvent, n: number, length: number, onPick: (n: number) => void) {
  const by: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: cellsInRow, ArrowUp: -cellsInRow }
  const next = n + (by[e.key] ?? 0)
  if (next === n || next < 0 || next >= length) return
  e.preventDefault()
  onPick(next)
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.cell.chosen')?.focus())
}

/** A Map Run opens in place: how its children stand. */
function RunLine({ common, pad, arn }: { common: object; pad: { paddingLeft: string }; arn: string }) {
  const found = useLoad(arn, (signal) => get<{ runs: MapRun[] }>('runs', { run: arn }, signal).then((a) => a.runs[0]))
  const run = found.data
  useAgain(found, run?.status === 'RUNNING')
  return (
    <div {...common} class="line">
      <div role="cell" class="line-name" style={pad}>{run && <Status of={run.status} bare />}<a href={link('run', { arn })}>Map Run</a></div>
      <div role="cell" class="line-bar">{run && <CountBar of={run.children} small />}</div>
      <div role="cell" class="line-note number">{run?.stop ? duration(run.stop - run.start) : ''}</div>
    </div>
  )
}

function ChildLine({ common, pad, arn, open, onToggle, child }: { common: object; pad: { paddingLeft: string }; arn: string; open: boolean; onToggle: () => void; child?: Change }) {
  const found = useLoad(arn, (signal) => get<{ executions: { status: string }[] }>('executions', { arn }, signal))
  const status = child?.execution.status ?? found.data?.executions[0]?.status
  return (
    <div {...common} class="line">
      <div role="cell" class="line-name" style={pad}>
        <button type="button" class="fold" aria-expanded={open} aria-label={`Inside of ${nameOf(arn)}`} onClick={onToggle}>{open ? '▾' : '▸'}</button>
        {status && <Status of={status} bare />}
        <a class="cut" href={link('execution', { arn })}>{nameOf(arn)}</a>
      </div>
      <div role="cell" class="line-bar"><span class="soft cut">an execution of {arn.split(':')[6]}</span></div>
      <div role="cell" class="line-note" />
    </div>
  )
}
