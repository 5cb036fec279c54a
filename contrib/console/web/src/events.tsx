// The events of an execution: a long list, of which a part is there.
import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { get, useLoad } from './api'
import { clock, count } from './format'
import { Load, Rows, Value } from './ui'
import { visible } from './format'

interface EventRow {
  id: number
  previous?: number
  type: string
  time: number
  name?: string
  index?: number
  resource?: string
  error?: string
}

const page = 200
const keptPages = 60

export function Events({ arn, last, running }: { arn: string; last: number; running: boolean }) {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const [chosen, setChosen] = useState<number>()
  const pages = useRef(new Map<number, { rows: EventRow[]; loading: boolean }>())
  const [kept, setKept] = useState(arn)
  if (kept !== arn) {
    pages.current.clear()
    setKept(arn)
  }
  const want = useRef<[number, number]>([0, 0])
  const fetchPage = (n: number) => {
    const p = pages.current.get(n)
    const whole = Math.min(page, last - n * page)
    if (whole <= 0 || p?.loading || (p && p.rows.length >= whole)) return
    const made = { rows: p?.rows ?? [], loading: true }
    pages.current.delete(n)
    pages.current.set(n, made)
    if (pages.current.size > keptPages) pages.current.delete(pages.current.keys().next().value!)
    get<{ events: EventRow[] }>('history', { arn, after: n * page, limit: page }).then((answer) => {
      made.rows = answer.events
    }, () => {}).finally(() => {
      made.loading = false
      redraw(0)
    })
  }
  const onSight = (from: number, to: number) => {
    want.current = [from, to]
    for (let n = Math.floor(from / page); n <= Math.floor(Math.max(from, to - 1) / page); n++) fetchPage(n)
  }
  useEffect(() => onSight(...want.current), [last])
  const row = (i: number) => {
    const e = pages.current.get(Math.floor(i / page))?.rows[i % page]
    return (
      <div role="row" aria-rowindex={i + 2} key={i} class={`event ${e?.error ? 'bad' : ''} ${chosen === i + 1 ? 'chosen' : ''}`} onClick={() => setChosen(i + 1)}>
        <div role="cell" class="number soft">{i + 1}</div>
        <div role="cell" class="cut">{e ? <button type="button" class="link" data-row onClick={() => setChosen(i + 1)}>{e.type}</button> : <span class="soft">…</span>}</div>
        <div role="cell" class="cut">{e?.name ? visible(e.name) : ''}{e?.index !== undefined ? ` [${e.index}]` : ''}{e?.error ? ` ${visible(e.error)}` : ''}{!e?.name && e?.resource ? <span class="soft"> {visible(e.resource)}</span> : ''}</div>
        <div role="cell" class="number soft">{e ? clock(e.time) : ''}</div>
      </div>
    )
  }
  return (
    <div class="events">
      <Rows count={last} height={26} label={`Events, ${count(last)}`} row={row} follow={running} onSight={onSight} header={
        <div role="row" aria-rowindex={1} class="event event-head"><div role="columnheader">ID</div><div role="columnheader">Type</div><div role="columnheader">State</div><div role="columnheader">Time</div></div>
      } />
      {chosen !== undefined && <Details arn={arn} id={chosen} onClose={() => setChosen(undefined)} />}
    </div>
  )
}

function Details({ arn, id, onClose }: { arn: string; id: number; onClose: () => void }) {
  const event = useLoad(`${arn} ${id}`, (signal) => get<Record<string, unknown>>('event', { arn, id }, signal))
  return (
    <section class="event-details" aria-label={`Event ${id}`}>
      <Load of={event}>{(e) => {
        const [, details] = Object.entries(e).find(([name]) => name.endsWith('EventDetails')) ?? ['', {}]
        const members = Object.entries(details as Record<string, unknown>)
        return (
          <>
            <header><h2>{id} {String(e.type)}</h2><span class="soft">after {String(e.previousEventId ?? 0)}</span><span class="grow" /><button type="button" class="small" onClick={onClose}>Close</button></header>
            {members.filter(([, v]) => typeof v !== 'object' && !isData(v)).length > 0 && (
              <dl class="facts">{members.filter(([, v]) => typeof v !== 'object' && !isData(v)).map(([k, v]) => <div><dt>{k}</dt><dd class="code">{visible(String(v))}</dd></div>)}</dl>
            )}
            {members.filter(([, v]) => isData(v)).map(([k, v]) => <Value text={String(v)} what={k} />)}
            {members.filter(([, v]) => typeof v === 'object' && v !== null && Object.values(v).some((x) => x !== false)).map(([k, v]) => <Value text={JSON.stringify(v)} what={k} />)}
          </>
        )
      }}</Load>
    </section>
  )
}

const isData = (v: unknown) => typeof v === 'string' && /^\s*[[{"]/.test(v)
