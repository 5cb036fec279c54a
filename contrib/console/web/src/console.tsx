// The frame around all screens.
import { render, type JSX } from 'preact'
import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { get, isAway, onAway, useLoad, type About } from './api'
import { Executions } from './executions'
import { ExecutionPage } from './execution'
import { Help, useKeys } from './keys'
import { MachinePage, Machines } from './machines'
import { RunPage, Runs } from './runs'
import { go, link, linkTo, useRoute, type Route } from './route'
import { Waiting } from './waiting'
import { Empty } from './ui'
import { session } from './session'

type Screen = (props: { route: Route }) => JSX.Element

const screens: Record<string, { title: string; show: Screen; under?: string }> = {
  machines: { title: 'Machines', show: Machines },
  machine: { title: 'Machine', show: MachinePage, under: 'machines' },
  executions: { title: 'Executions', show: Executions },
  execution: { title: 'Execution', show: ExecutionPage, under: 'executions' },
  runs: { title: 'Map Runs', show: Runs },
  run: { title: 'Map Run', show: RunPage, under: 'runs' },
  waiting: { title: 'Waiting', show: Waiting },
  editor: { title: 'Editor', show: Editor },
}

const entries = ['machines', 'executions', 'runs', 'waiting', 'editor']

/** The editor comes when it is needed: it is larger than all the rest. */
function Editor(props: { route: Route }) {
  const [loaded, setLoaded] = useState<{ show: Screen }>()
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    import('./editor').then((m) => setLoaded({ show: m.Editor }), () => setFailed(true))
  }, [])
  if (failed) return <Empty><p>The editor could not be loaded. Load the page again.</p></Empty>
  return loaded ? <loaded.show {...props} /> : <p class="loading">Loading …</p>
}

function Console() {
  const route = useRoute()
  const about = useLoad('about', (signal) => get<About>('about', {}, signal))
  const [help, setHelp] = useState(false)
  useKeys(route, () => setHelp(true))
  const screen = screens[route.screen]
  useEffect(() => {
    document.title = `${screen?.title ?? 'Not found'} · Statemill`
  }, [route.screen])
  if (!about.data) {
    return <main class="whole">{about.error && !isAway() ? <Empty><h1>Statemill</h1><p>{about.error.message}</p></Empty> : <Away />}</main>
  }
  session.about = about.data
  if (!about.data.regions.includes(session.region)) session.region = about.data.regions[0] ?? ''
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), document.getElementById('main')?.focus())}>Skip to content</a>
      <Head route={route} about={about.data} onHelp={() => setHelp(true)} />
      <Away />
      <main id="main" tabIndex={-1} class={'screen-' + route.screen}>
        {screen ? <screen.show route={route} /> : <div class="page"><Empty><h1>Not found</h1><p><a href={link('machines')}>To the machines</a></p></Empty></div>}
      </main>
      {help && <Help onClose={() => setHelp(false)} />}
    </>
  )
}

function Away() {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  useEffect(() => onAway(() => redraw(0)), [])
  return (
    <div role="status" class="away-region">
      {isAway() && <p class="away">The server cannot be reached. What you see may be old; this page goes on by itself.</p>}
    </div>
  )
}

function Head({ route, about, onHelp }: { route: Route; about: About; onHelp: () => void }) {
  const search = useRef<HTMLInputElement>(null)
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const now = screens[route.screen]?.under ?? route.screen
  const find = (e: Event) => {
    e.preventDefault()
    const text = search.current!.value.trim()
    if (!text) return
    const place = linkTo(text)
    if (place) location.hash = place
    else go('executions', { prefix: text })
    search.current!.value = ''
    search.current!.blur()
  }
  return (
    <header class="head">
      <a class="logo" href={link('machines')}><svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" /><path d="M10.5 4.5h11V11h-11zM4.5 21H14v6.5H4.5zM18 21h9.5v6.5H18zM16 11v4.5M9.3 21v-2.6a3 3 0 0 1 3-3h7.4a3 3 0 0 1 3 3V21" /></svg>Statemill</a>
      <nav aria-label="Screens">
        {entries.map((e) => <a href={link(e)} aria-current={now === e ? 'page' : undefined}>{screens[e]!.title}</a>)}
      </nav>
      <form role="search" onSubmit={find}>
        <input ref={search} id="search" type="search" placeholder="Name or ARN" title="Search ( / )" aria-label="Search: name of an execution, or an ARN" spellcheck={false} autocomplete="off" />
      </form>
      {about.regions.length > 1 && (
        <select aria-label="Region" value={session.region} onChange={(e) => { session.region = e.currentTarget.value; redraw(0); dispatchEvent(new HashChangeEvent('hashchange')) }}>
          {about.regions.map((r) => <option>{r}</option>)}
        </select>
      )}
      {about.readOnly && <span class="tag">read only</span>}
      {about.user && <span class="soft user">{about.user}</span>}
      <Theme />
      <button type="button" class="icon" aria-label="Keys" title="Keys ( ? )" onClick={onHelp}>?</button>
    </header>
  )
}

const themes = ['auto', 'light', 'dark']

function Theme() {
  const [theme, setTheme] = useState(stored())
  const next = themes[(themes.indexOf(theme) + 1) % themes.length]!
  useEffect(() => {
    document.documentElement.dataset.theme = theme
    try {
      localStorage.setItem('statemill-theme', theme)
    } catch {
      // it is not kept then
    }
  }, [theme])
  return <button type="button" class="icon" aria-label={`Colours: ${theme}. Change to ${next}`} title={`Colours: ${theme}`} onClick={() => setTheme(next)}>
    <svg viewBox="0 0 16 16" class="sign" aria-hidden="true">{theme === 'light' ? <><circle cx="8" cy="8" r="3" /><path d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M13 3l-1.4 1.4M4.4 11.6 3 13" /></>
      : theme === 'dark' ? <path d="M13 10A5.6 5.6 0 0 1 6 3a5.6 5.6 0 1 0 7 7z" /> : <><circle cx="8" cy="8" r="5.5" /><path d="M8 2.5v11a5.5 5.5 0 0 0 0-11z" fill="currentColor" stroke="none" /></>}</svg>
  </button>
}

function stored(): string {
  try {
    const theme = localStorage.getItem('statemill-theme')
    return theme && themes.includes(theme) ? theme : 'auto'
  } catch {
    return 'auto'
  }
}

document.documentElement.dataset.theme = stored()
document.querySelector('noscript')?.remove()
render(<Console />, document.body)
