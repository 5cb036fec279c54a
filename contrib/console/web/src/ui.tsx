// The small parts that screens are made of.
import { type ComponentChildren, type JSX } from 'preact'
import { useEffect, useId, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
import { Away, type Loaded } from './api'
import { bytes, instant, visible, word } from './format'
import { differences, pieces, pretty } from './text'

// Statuses differ in shape, and not by colour alone.
const shapes: Record<string, JSX.Element> = {
  running: <circle cx="6" cy="6" r="3.4" fill="currentColor" stroke="none" />,
  succeeded: <path d="M2 6.5 4.8 9.2 10 3.2" />,
  failed: <path d="M3 3l6 6M9 3l-6 6" />,
  'timed out': <><circle cx="6" cy="6" r="4.4" /><path d="M6 3.4V6l1.8 1.4" /></>,
  aborted: <><circle cx="6" cy="6" r="4.4" /><path d="M3 9l6-6" /></>,
  caught: <path d="M2.5 3v3.5a2 2 0 0 0 2 2h5M7.3 6.2l2.4 2.3-2.4 2.3" />,
  'pending redrive': <path d="M9.5 6A3.6 3.6 0 1 1 8 3.1M8.3.9v2.4H5.9" />,
}

const kinds: Record<string, string> = { open: 'running', exited: 'succeeded' }

/** The kind of a status, of executions and of visits alike. */
export const kindOf = (status: string) => kinds[status] ?? word(status)

export function Status({ of, bare }: { of: string; bare?: boolean }) {
  const kind = kindOf(of)
  return (
    <span class={`status is-${kind.replace(' ', '-')}`}>
      <svg class="sign" viewBox="0 0 12 12" aria-hidden="true">{shapes[kind] ?? <circle cx="6" cy="6" r="2" />}</svg>
      {bare ? <span class="hidden">{kind}</span> : kind}
    </span>
  )
}

export function Time({ at }: { at: number }) {
  return <time dateTime={new Date(at).toISOString()} class="number">{instant(at)}</time>
}

export function Trouble({ error }: { error: Error }) {
  return <p class="trouble" role="alert"><b>{error.name === 'Error' ? 'Trouble' : error.name}</b> {visible(error.message)}</p>
}

/** What is shown of something that loads: nothing for a moment, then that it loads. */
export function Load<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
  const away = of.error instanceof Away // the head of the page tells that already
  if (of.data !== undefined) return <>{of.error && !away && <Trouble error={of.error} />}{children(of.data)}</>
  if (of.error) return away ? <p class="loading">Waiting for the server …</p> : <Trouble error={of.error} />
  return of.loading ? <p class="loading">Loading …</p> : null
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>
}

/** A dialog; it is open as long as it is there. */
export function Dialog({ title, onClose, wide, children }: { title: string; onClose: () => void; wide?: boolean; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const d = dialog.current!
    const before = document.activeElement as HTMLElement | null
    d.showModal()
    return () => {
      if (d.open) d.close()
      before?.focus()
    }
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby={id} class={wide ? 'wide' : ''} onCancel={(e) => (e.preventDefault(), onClose())}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="icon" aria-label="Close" onClick={onClose}><svg class="sign" viewBox="0 0 12 12" aria-hidden="true">{shapes.failed}</svg></button>
      </header>
      {children}
    </dialog>
  )
}

/** Asks once before something happens. */
export function Confirm({ title, verb, danger, onClose, act, children }: {
  title: string; verb: string; danger?: boolean; onClose: () => void; act: () => Promise<void>; children: ComponentChildren
}) {
  const [error, setError] = useState<Error>()
  const [busy, setBusy] = useState(false)
  const go = async (e: Event) => {
    e.preventDefault()
    setBusy(true)
    try {
      await act()
      onClose()
    } catch (e) {
      setError(e as Error)
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={go}>
        <div class="body">{children}{error && <Trouble error={error} />}</div>
        <footer>
          <button type="button" onClick={onClose}>Cancel</button>
          <button class={danger ? 'danger' : 'primary'} disabled={busy}>{verb}</button>
        </footer>
      </form>
    </Dialog>
  )
}

export function Copy({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
    } catch { // without TLS, browsers have no clipboard for pages
      const area = document.createElement('textarea')
      area.value = text
      document.body.append(area)
      area.select()
      document.execCommand('copy')
      area.remove()
    }
    setDone(true)
    setTimeout(() => setDone(false), 1500)
  }
  return <button type="button" class="small" onClick={copy} aria-label={`Copy ${what}`}>{done ? 'Copied' : 'Copy'}</button>
}

const shownAtOnce = 64_000
const coloured = 30_000

/** A value, from a text of JSON. */
export function Value({ text, what, against }: { text: string; what: string; against?: string }) {
  const [all, setAll] = useState(false)
  const [compared, setCompared] = useState(false)
  const full = useStable(text, pretty)
  const cut = !all && full.length > shownAtOnce
  const shown = visible(cut ? full.slice(0, shownAtOnce) : full)
  return (
    <section class="value">
      <header>
        <h3>{what}</h3>
        <span class="soft">{bytes(text.length)}</span>
        <span class="grow" />
        {against !== undefined && against !== text && (
          <button type="button" class="small" aria-pressed={compared} onClick={() => setCompared(!compared)}>Compare with input</button>
        )}
        <Copy text={full} what={what} />
      </header>
      {compared && against !== undefined ? <Compared before={against} after={text} /> : (
        <pre tabIndex={0} aria-label={what}>{shown.length > coloured ? shown : <Coloured text={shown} />}</pre>
      )}
      {cut && !compared && <button type="button" class="small" onClick={() => setAll(true)}>Show all {bytes(full.length)}</button>}
    </section>
  )
}

function useStable(text: string, f: (text: string) => string): string {
  const kept = useRef<{ text: string; made: string } | undefined>(undefined)
  if (kept.current?.text !== text) kept.current = { text, made: f(text) }
  return kept.current!.made
}

function Coloured({ text }: { text: string }) {
  return <>{pieces(text).map((p) => (p.kind ? <span class={'json-' + p.kind}>{p.text}</span> : p.text))}</>
}

function Compared({ before, after }: { before: string; after: string }) {
  const lines = differences(pretty(before), pretty(after))
  if (!lines) return <p class="soft">The values are too long to be compared.</p>
  return (
    <pre class="compared" tabIndex={0} aria-label="differences to the input">
      {folded(lines).map((l) => (typeof l === 'number' ? <span class="same">{`  … ${l} equal lines\n`}</span>
        : <span class={l.sign === '-' ? 'minus' : l.sign === '+' ? 'plus' : 'same'}>{`${l.sign} ${visible(l.text)}\n`}</span>))}
    </pre>
  )
}

/** Leaves out what is equal and far from a difference. */
function folded<T extends { sign: string }>(lines: T[]): (T | number)[] {
  const near = 3
  const keep = new Uint8Array(lines.length)
  lines.forEach((l, i) => {
    if (l.sign !== ' ') keep.fill(1, Math.max(0, i - near), i + near + 1)
  })
  const found: (T | number)[] = []
  lines.forEach((l, i) => {
    const last = found[found.length - 1]
    if (keep[i]) found.push(l)
    else if (typeof last === 'number') found[found.length - 1] = last + 1
    else found.push(1)
  })
  return found
}

export interface Tab {
  id: string
  name: string
  show: () => ComponentChildren
}

export function Tabs({ tabs, now, onChange, label }: { tabs: Tab[]; now: string; onChange: (id: string) => void; label: string }) {
  const id = useId()
  const active = tabs.find((t) => t.id === now) ?? tabs[0]!
  const move = (e: KeyboardEvent) => {
    const by = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0
    if (!by) return
    const next = tabs[(tabs.indexOf(active) + by + tabs.length) % tabs.length]!
    onChange(next.id)
    document.getElementById(`${id}-${next.id}`)?.focus()
  }
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((t) => (
          <button type="button" role="tab" id={`${id}-${t.id}`} aria-selected={t === active} aria-controls={`${id}-panel`}
            tabIndex={t === active ? 0 : -1} onClick={() => onChange(t.id)}>{t.name}</button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${active.id}`} class="panel" tabIndex={0}><h2 class="hidden">{active.name}</h2>{active.show()}</div>
    </div>
  )
}

/** Rows of equal height, of which only those in sight are there. */
export function Rows({ count, height, label, row, header, follow, onSight }: {
  count: number; height: number; label: string; row: (i: number) => ComponentChildren; header?: ComponentChildren
  follow?: boolean; onSight?: (from: number, to: number) => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const [sight, setSight] = useState({ from: 0, to: 40 })
  const look = () => {
    const b = box.current
    if (!b) return
    const from = Math.max(0, Math.floor(b.scrollTop / height) - 8)
    const to = Math.min(from + Math.ceil(b.clientHeight / height) + 16, from + 150)
    setSight((s) => (s.from === from && s.to === to ? s : { from, to }))
  }
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    const watch = new ResizeObserver(look)
    watch.observe(box.current!)
    return () => watch.disconnect()
  }, [])
  useLayoutEffect(() => {
    if (follow && atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
    look()
  }, [count, follow])
  const to = Math.min(count, sight.to)
  const from = Math.min(sight.from, to)
  useEffect(() => onSight?.(from, to), [from, to, count])
  const onScroll = () => {
    const b = box.current!
    atEnd.current = b.scrollTop + b.clientHeight > b.scrollHeight - height
    look()
  }
  const rows = []
  for (let i = from; i < to; i++) rows.push(row(i))
  return (
    <div class="rows" role="table" aria-label={label} aria-rowcount={count + (header ? 1 : 0)}>
      {header && <div role="rowgroup" class="rows-head">{header}</div>}
      <div role="rowgroup" class="rows-body" ref={box} onScroll={onScroll} tabIndex={0} aria-label={label}>
        <div class="rows-space" role="presentation" style={{ height: `${count * height}px` }}>
          <div class="rows-shown" role="presentation" style={{ transform: `translateY(${from * height}px)` }}>{rows}</div>
        </div>
      </div>
    </div>
  )
}

/** The present time, anew each second while something runs. */
export function useNow(running: boolean): number {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => redraw(0), 1000)
    return () => clearInterval(timer)
  }, [running])
  return Date.now()
}

/** A field for JSON, with what is wrong with it. */
export function JsonField({ id, value, onChange, error, rows = 10, label }: {
  id?: string; value: string; onChange: (text: string) => void; error: string; rows?: number; label: string
}) {
  const own = useId()
  const name = id ?? own
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <textarea id={name} class="code" rows={rows} spellcheck={false} value={value} aria-invalid={!!error} aria-describedby={name + '-error'}
        onInput={(e) => onChange(e.currentTarget.value)} />
      <p id={name + '-error'} class="field-error" aria-live="polite">{error}</p>
    </div>
  )
}
