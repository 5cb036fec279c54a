// Where the user is: "#/execution?arn=...". The part behind # never reaches a server.
import { useEffect, useReducer } from 'preact/hooks'
import { query, type Query } from './api'

export interface Route {
  screen: string
  values: URLSearchParams
}

export function route(): Route {
  const [screen, values] = location.hash.replace(/^#\/?/, '').split(/\?(.*)/s)
  return { screen: screen || 'machines', values: new URLSearchParams(values ?? '') }
}

export function useRoute(): Route {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  useEffect(() => {
    const f = () => redraw(0)
    addEventListener('hashchange', f)
    return () => removeEventListener('hashchange', f)
  }, [])
  return route()
}

export const link = (screen: string, values: Query = {}) => `#/${screen}${query(values)}`

export const go = (screen: string, values: Query = {}) => {
  location.hash = link(screen, values)
}

/** Changes values of the present screen, without a step in the history of the browser. */
export function change(values: Query) {
  const now = route()
  const all: Query = Object.fromEntries(now.values)
  history.replaceState(null, '', link(now.screen, { ...all, ...values }))
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** The screen that shows what an ARN names; '' if nothing does. */
export function linkTo(arn: string): string {
  const kind = arn.split(':')[5]
  if (kind === 'stateMachine') return link('machine', { arn })
  if (kind === 'execution' || kind === 'express') return link('execution', { arn })
  if (kind === 'mapRun') return link('run', { arn })
  return ''
}
