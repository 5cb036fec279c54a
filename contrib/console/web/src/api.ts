// What the server is asked. All addresses are relative to the page.
import { useEffect, useReducer, useRef } from 'preact/hooks'

export class Refusal extends Error {
  constructor(readonly name: string, message: string, readonly status: number) {
    super(message)
  }
}

/** The server cannot be reached. */
export class Away extends Error {}

// What wants to know whether the server is there.
let away = false
const listeners = new Set<() => void>()

export const isAway = () => away

export function onAway(f: () => void): () => void {
  listeners.add(f)
  return () => listeners.delete(f)
}

function setAway(now: boolean) {
  if (away === now) return
  away = now
  if (away) void comeBack()
  for (const f of [...listeners]) f()
}

/** Tells that a request has failed before there was an answer. */
export const wentAway = () => setAway(true)

async function comeBack() {
  for (let pause = 500; away; pause = Math.min(pause * 1.5, 5000)) {
    await new Promise((go) => setTimeout(go, pause))
    try {
      await request('about', {})
    } catch {
      // it is still away
    }
  }
}

async function request(path: string, init: RequestInit): Promise<any> {
  let answer: Response
  let text: string
  try {
    answer = await fetch(path, init)
    text = await answer.text()
  } catch (e) {
    if (init.signal?.aborted) throw e
    wentAway()
    throw new Away('The server cannot be reached.')
  }
  if (answer.status === 502 || answer.status === 503 && !text.startsWith('{')) { // a proxy without a server
    wentAway()
    throw new Away('The server cannot be reached.')
  }
  setAway(false)
  let body: any = null
  try {
    body = text === '' ? null : JSON.parse(text)
  } catch {
    throw new Refusal('BadAnswer', `The server answered with status ${answer.status} and no JSON.`, answer.status)
  }
  if (answer.ok) return body
  const name = String(body?.error ?? body?.__type ?? `Status ${answer.status}`)
  throw new Refusal(name.slice(name.lastIndexOf('#') + 1), String(body?.message ?? body?.Message ?? ''), answer.status)
}

export type Query = Record<string, string | number | undefined>

export function query(values: Query): string {
  const q = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined && value !== '') q.set(name, String(value))
  const text = q.toString()
  return text && '?' + text
}

export const get = <T>(path: string, values: Query = {}, signal?: AbortSignal): Promise<T> => request(path + query(values), { signal })

export const post = <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  request(path, { method: 'POST', signal, headers: { 'Content-Type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) })

/** Calls an operation of the API. */
export const call = <T>(operation: string, body: object, region?: string): Promise<T> => post(`api/${operation}${query({ region })}`, body)

export interface Loaded<T> {
  data?: T
  error?: Error
  loading: boolean
  reload: () => void
}

/** Loads something when the key changes, and again when the server comes back. */
export function useLoad<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const state = useRef<{ key: string | null; data?: T; error?: Error; loading: boolean; stop?: AbortController }>({ key: null, loading: false })
  const s = state.current
  const start = () => {
    s.stop?.abort()
    if (key === null) return
    const stop = (s.stop = new AbortController())
    s.loading = true
    load(stop.signal).then(
      (data) => !stop.signal.aborted && Object.assign(s, { data, error: undefined, loading: false }),
      (error) => !stop.signal.aborted && Object.assign(s, { error, loading: false }),
    ).finally(() => !stop.signal.aborted && redraw(0))
  }
  if (s.key !== key) Object.assign(s, { key, data: undefined, error: undefined, loading: key !== null })
  const again = useRef(start)
  again.current = start
  useEffect(() => {
    again.current()
    return () => state.current.stop?.abort()
  }, [key])
  useEffect(() => onAway(() => !away && again.current()), [])
  return { data: s.data, error: s.error, loading: s.loading, reload: () => (again.current(), redraw(0)) }
}

/** Calls f soon, but not more often than every so many milliseconds. */
export function useSeldom(every: number, f: () => void): () => void {
  const s = useRef({ f, timer: 0 })
  s.current.f = f
  useEffect(() => () => clearTimeout(s.current.timer), [])
  return useRef(() => {
    s.current.timer ||= window.setTimeout(() => {
      s.current.timer = 0
      if (!document.hidden) s.current.f()
    }, every)
  }).current
}

/**
 * Follows a stream of changes until what it returns is called. It rests while nobody sees the page. onLost is
 * called when the stream has ended although the server is there: there may be too many of them, or nothing to tell any more.
 */
export function follow<T>(values: Query, onFrame: (frame: T) => void, onLost: () => void, from = ''): () => void {
  let source: EventSource | undefined
  let last = from
  let timer = 0
  let over = false
  const close = () => {
    source?.close()
    source = undefined
    clearTimeout(timer)
  }
  const open = () => {
    close()
    if (over || document.hidden) return
    const opened = (source = new EventSource('events' + query({ ...values, after: last })))
    opened.addEventListener('change', (e) => {
      last = e.lastEventId
      onFrame(JSON.parse(e.data))
    })
    opened.onerror = () => {
      if (source !== opened) return
      close()
      get('about').then(() => over || onLost(), () => {}).finally(() => { timer = window.setTimeout(open, 1000) })
    }
  }
  document.addEventListener('visibilitychange', open)
  open()
  return () => {
    over = true
    document.removeEventListener('visibilitychange', open)
    close()
  }
}

// What the answers have in them.

export interface About {
  readOnly: boolean
  user?: string
  regions: string[]
}

export interface Execution {
  arn: string
  name: string
  machine: string
  machineName: string
  version?: string
  alias?: string
  status: string
  start: number
  stop?: number
  redrives?: number
  error?: string
  cause?: string
  failedState?: string
  failedPath?: string
  parent?: string
  mapRun?: string
  item?: number
}

export interface Attempt {
  status: string
  scheduled?: number
  started?: number
  ended?: number
  error?: string
}

export interface Visit {
  id: number
  state: string
  type: string
  parent?: number
  child?: number
  status: string
  entered: number
  left?: number
  error?: string
  cause?: string
  attempts?: Attempt[]
  length?: number
  iterations?: string
  executions?: string[]
  mapRun?: string
}

export interface Change {
  execution: Execution
  visits: Visit[]
  last: number
}

export interface Drawn {
  svg?: string // none: the definition is too large
  classes: Record<string, string>
  types: Record<string, string>
}

export interface Position {
  offset: number
  line: number
  column: number
}

export interface Diagnostic {
  severity: string
  code: string
  message: string
  location?: string
  start?: Position
  end?: Position
  hint?: string
}

export interface Counts {
  pending: number
  running: number
  succeeded: number
  failed: number
  timedOut: number
  aborted: number
  pendingRedrive: number
}

export interface MapRun {
  arn: string
  execution: string
  status: string
  start: number
  stop?: number
  redrives?: number
  children: Counts
  items: Counts
  concurrency: number
  toleratedCount?: number
  toleratedPercentage?: number
}

export interface OpenTask {
  id: string
  execution: string
  state: string
  resource: string
  since: number
  deadline?: number
  input: string
}
