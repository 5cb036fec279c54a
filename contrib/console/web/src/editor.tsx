// Definitions are written here: findings come as one types, the graph stands beside.
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { call, post, query, useLoad, type Diagnostic, type Drawn, type Position } from './api'
import './code'
import type { Code } from './code'
import { many, nameOf, visible } from './format'
import { Graph } from './graph'
import { change, link, type Route } from './route'
import { session } from './session'
import { jsonError, pretty } from './text'
import { Dialog, JsonField, Load, Status, Tabs, Trouble, Value } from './ui'

const example = `{
  "Comment": "A greeting",
  "QueryLanguage": "JSONata",
  "StartAt": "Greet",
  "States": {
    "Greet": {
      "Type": "Pass",
      "Output": "{% 'Hello ' & $states.input.name %}",
      "End": true
    }
  }
}
`

interface Checked {
  diagnostics: Diagnostic[]
  graph?: Drawn
  states?: Record<string, Position>
}

interface Described {
  name: string
  type: string
  roleArn: string
  definition: string
}

export function Editor({ route }: { route: Route }) {
  const arn = route.values.get('machine') ?? ''
  const machine = useLoad(arn || null, () => call<Described>('DescribeStateMachine', { stateMachineArn: arn }))
  if (!arn) return <Edit key="new" />
  return <Load of={machine}>{(m) => <Edit key={arn} arn={arn} machine={m} />}</Load>
}

// What was written and not saved, by machine: it is there again when one comes back.
const drafts = new Map<string, string>()

/** How long nobody types before the text is checked. */
const rest = 250

/** The text in the editor: what is wrong with it, its graph, and the state at the cursor. */
function useText(code: RefObject<Code | null>, type: string, saved: string, draft: string, first: string) {
  const [checked, setChecked] = useState<Checked>()
  const [graph, setGraph] = useState<Drawn>() // the last one without errors
  const [trouble, setTrouble] = useState<Error>()
  const [state, setState] = useState('')
  const [changed, setChanged] = useState(false)
  const kept = useRef<Checked | undefined>(undefined)
  useEffect(() => {
    const c = code.current!
    let timer = 0
    let stop = new AbortController()
    const check = async () => {
      stop.abort()
      stop = new AbortController()
      const own = stop
      try {
        const found = await post<Checked>('check' + query({ type }), c.text || ' ', own.signal)
        if (own.signal.aborted) return
        kept.current = found
        setChecked(found)
        setTrouble(undefined)
        if (found.graph) setGraph(found.graph)
        c.show(found.diagnostics)
        moved()
      } catch (e) {
        if (!own.signal.aborted) setTrouble(e as Error)
      }
    }
    const edited = () => {
      setChanged(c.text !== saved)
      drafts.set(draft, c.text)
      clearTimeout(timer)
      timer = window.setTimeout(check, rest)
    }
    const moved = () => {
      const states = kept.current?.states
      if (states) setState(stateAt(c, states))
    }
    if (!c.text) c.text = drafts.get(draft) ?? first
    setChanged(drafts.has(draft) && c.text !== saved)
    c.addEventListener('edited', edited)
    c.addEventListener('moved', moved)
    void check()
    return () => {
      clearTimeout(timer)
      stop.abort()
      c.removeEventListener('edited', edited)
      c.removeEventListener('moved', moved)
    }
  }, [type, saved])
  return { checked, graph, trouble, state, changed }
}

function Edit({ arn, machine }: { arn?: string; machine?: Described }) {
  const code = useRef<Code>(null)
  const [type, setType] = useState(machine?.type ?? 'STANDARD')
  const [tab, setTab] = useState('findings')
  const [saving, setSaving] = useState(false)
  const [saved, setSaved] = useState(machine?.definition ?? '')
  const draft = arn ?? ''
  const { checked, graph, trouble, state, changed } = useText(code, type, saved, draft, machine ? inLines(machine.definition) : example)
  useEffect(() => {
    const leave = (e: BeforeUnloadEvent) => changed && machine && e.preventDefault()
    addEventListener('beforeunload', leave)
    return () => removeEventListener('beforeunload', leave)
  }, [changed])

  const errors = checked?.diagnostics.filter((d) => d.severity === 'ERROR').length ?? 0
  const warnings = (checked?.diagnostics.length ?? 0) - errors
  const toState = (name: string) => {
    const at = checked?.states?.[name]
    if (at) code.current!.goTo(code.current!.offset(at))
  }
  return (
    <div class="split">
      <div class="title">
        <h1>{machine ? machine.name : 'New machine'}</h1>
        <label class="inline">Type
          <select value={type} disabled={!!machine} onChange={(e) => setType(e.currentTarget.value)}><option value="STANDARD">Standard</option><option value="EXPRESS">Express</option></select>
        </label>
        <span class={errors ? 'bad' : 'soft'} role="status">{checked ? (errors ? many(errors, 'error') : 'no errors') + (warnings ? `, ${many(warnings, 'warning')}` : '') : 'checking …'}{changed && machine ? ' · changed' : ''}</span>
        <span class="verbs">
          {arn && <a class="button" href={link('machine', { arn })}>To the machine</a>}
          {!session.about.readOnly && <button type="button" class="primary" disabled={!!errors || !checked} onClick={() => setSaving(true)}>{machine ? 'Save' : 'Create'}</button>}
        </span>
      </div>
      <div class="columns editor">
        <section class="left" aria-label="Definition"><statemill-code ref={code} label="Definition" /></section>
        <div class="right">
          <section class="editor-graph" aria-label="Graph">{graph && errors > 0 && <p class="tag before">as it was before the errors</p>}{graph ? <Graph drawn={graph} selected={state} onSelect={toState} href={() => link('editor', { machine: arn })} /> : <p class="hint">The graph is here as soon as the definition has no errors.</p>}</section>
          <Tabs label="About the definition" now={tab} onChange={setTab} tabs={[
            { id: 'findings', name: `Findings${checked?.diagnostics.length ? ` (${checked.diagnostics.length})` : ''}`, show: () => trouble ? <Trouble error={trouble} /> : <Findings of={checked?.diagnostics ?? []} onPick={(d) => code.current!.goTo(code.current!.offset(d.start))} /> },
            { id: 'test', name: 'Test a state', show: () => <Test text={() => code.current!.text} state={state} role={machine?.roleArn} broken={!!errors} /> },
          ]} />
        </div>
      </div>
      {saving && <Save arn={arn} before={saved} type={type} text={code.current!.text} onClose={() => setSaving(false)} onSaved={(made) => {
        setSaving(false)
        drafts.delete(draft)
        setSaved(code.current!.text)
        if (!arn) change({ machine: made })
      }} />}
    </div>
  )
}

/** A definition as its author wrote it, unless that is one line. */
const inLines = (text: string) => text.trim().includes('\n') ? text : pretty(text) + '\n'

/** The innermost state whose text holds the cursor. */
function stateAt(c: Code, states: Record<string, Position>): string {
  const text = c.text
  const cursor = c.cursor
  let best = ''
  let start = -1
  for (const [name, at] of Object.entries(states)) {
    const from = c.offset(at)
    if (from <= cursor && from > start && cursor <= endOf(text, from)) {
      best = name
      start = from
    }
  }
  return best
}

/** Where the object ends that begins at an offset. */
function endOf(text: string, from: number): number {
  const parts = /"(?:[^"\\]|\\.)*"|[{}]/g
  parts.lastIndex = text.indexOf('{', from)
  let depth = 0
  for (let m = parts.exec(text); m; m = parts.exec(text)) {
    if (m[0] === '{') depth++
    else if (m[0] === '}' && --depth === 0) return m.index + 1
  }
  return text.length
}

function Findings({ of, onPick }: { of: Diagnostic[]; onPick: (d: Diagnostic) => void }) {
  if (of.length === 0) return <p class="hint">No errors and no warnings.</p>
  return (
    <ul class="findings">{of.map((d) => (
      <li class={d.severity === 'ERROR' ? 'bad' : 'warn'}>
        <button type="button" class="link" data-row onClick={() => onPick(d)}>{d.start ? `${d.start.line}:${d.start.column}` : '–'}</button>
        <div><p>{visible(d.message)}</p>{d.hint && <p class="soft">{visible(d.hint)}</p>}<p class="soft code">{d.severity === 'ERROR' ? 'error' : 'warning'} {d.code} {visible(d.location ?? '')}</p></div>
      </li>
    ))}</ul>
  )
}

interface Tested {
  status: string
  output?: string
  error?: string
  cause?: string
  nextState?: string
  inspectionData?: Record<string, unknown>
}

function Test({ text, state, role, broken }: { text: () => string; state: string; role?: string; broken: boolean }) {
  const [input, setInput] = useState('{}')
  const [mock, setMock] = useState('')
  const [result, setResult] = useState<Tested>()
  const [error, setError] = useState<Error>()
  const shown = useRef<HTMLElement>(null)
  useEffect(() => shown.current?.scrollIntoView({ block: 'nearest' }), [result]) // it may be below what is in sight
  const wrong = jsonError(input)
  const wrongMock = mock.trim() ? jsonError(mock) : ''
  if (session.about.readOnly) return <p class="hint">A console that only shows tests no states.</p>
  if (!state) return <p class="hint">{broken ? 'The definition has errors.' : 'Put the cursor into a state.'}</p>
  const run = async (e: Event) => {
    e.preventDefault()
    setError(undefined)
    setResult(undefined)
    try {
      setResult(await call<Tested>('TestState', {
        definition: text(), stateName: state, input, inspectionLevel: 'DEBUG', ...(role && { roleArn: role }), ...(mock.trim() && { mock: { result: mock, fieldValidationMode: 'NONE' } }),
      }))
    } catch (e) {
      setError(e as Error)
    }
  }
  return (
    <form class="test" onSubmit={run}>
      <h2>{state}</h2>
      <JsonField label="Input" value={input} onChange={setInput} error={wrong} rows={4} />
      <JsonField label="Result of the task (empty: the task is performed)" value={mock} onChange={setMock} error={wrongMock} rows={3} />
      <p><button class="primary" disabled={!!wrong || !!wrongMock || broken}>Test {state}</button></p>
      {error && <Trouble error={error} />}
      {result && (
        <section aria-label="Result" ref={shown}>
          <p><Status of={result.status === 'CAUGHT_ERROR' ? 'caught' : result.status === 'RETRIABLE' ? 'running' : result.status} /> {result.nextState && <>next: <b>{result.nextState}</b></>} {result.error && <b>{visible(result.error)}</b>} {visible(result.cause ?? '')}</p>
          {result.output !== undefined && <Value text={result.output} what="Output" against={input} />}
          {result.inspectionData && Object.entries(result.inspectionData).filter(([k, v]) => typeof v === 'string' && k !== 'result').map(([k, v]) => <Value text={String(v)} what={k} />)}
        </section>
      )}
    </form>
  )
}

function Save({ arn, before, type, text, onClose, onSaved }: { arn?: string; before: string; type: string; text: string; onClose: () => void; onSaved: (arn: string) => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState('arn:aws:iam::123456789012:role/statemill')
  const [error, setError] = useState<Error>()
  const now = useLoad(arn ?? null, () => call<Described>('DescribeStateMachine', { stateMachineArn: arn }))
  const save = async (e: Event) => {
    e.preventDefault()
    try {
      if (arn) await call('UpdateStateMachine', { stateMachineArn: arn, definition: text })
      const made = arn ?? (await call<{ stateMachineArn: string }>('CreateStateMachine', { name, type, roleArn: role, definition: text }, session.region)).stateMachineArn
      onSaved(made)
    } catch (e) {
      setError(e as Error)
    }
  }
  return (
    <Dialog title={arn ? `Save ${nameOf(arn)}?` : 'Create a machine'} onClose={onClose}>
      <form onSubmit={save}>
        <div class="body">
          {now.data && now.data.definition !== before && <p class="trouble"><b>Somebody else has changed it meanwhile.</b> Saving replaces what they wrote.</p>}
          {arn ? <p>Executions that run go on with the definition with which they began.</p> : (
            <>
              <label class="field">Name<input type="text" required maxLength={80} value={name} spellcheck={false} autocomplete="off" onInput={(e) => setName(e.currentTarget.value)} /></label>
              <label class="field">Role<input type="text" required value={role} spellcheck={false} onInput={(e) => setRole(e.currentTarget.value)} /></label>
            </>
          )}
          {error && <Trouble error={error} />}
        </div>
        <footer><button type="button" onClick={onClose}>Cancel</button><button class="primary">{arn ? 'Save' : 'Create'}</button></footer>
      </form>
    </Dialog>
  )
}
