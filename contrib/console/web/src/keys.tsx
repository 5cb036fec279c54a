// Keys without modifiers, outside of fields.
import { useEffect } from 'preact/hooks'
import { go, type Route } from './route'
import { Dialog } from './ui'

const screens: Record<string, string> = { m: 'machines', e: 'executions', r: 'runs', w: 'waiting', d: 'editor' }

const parents: Record<string, string> = { machine: 'machines', execution: 'executions', run: 'runs' }

/** The event that asks a screen to go to the next (1) or the previous (-1) state, or up (0). */
export const stepEvent = 'console-step'

let before = '' // the key before, if it begins a pair

export function useKeys(route: Route, onHelp: () => void) {
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      const at = e.target as HTMLElement
      if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || document.querySelector('dialog[open]')) return
      if (at.closest('input, textarea, select, [contenteditable], statemill-code')) return
      const first = before
      before = ''
      if (first === 'g' && screens[e.key]) go(screens[e.key]!)
      else if (e.key === 'g') before = 'g'
      else if (e.key === '/') document.getElementById('search')?.focus()
      else if (e.key === '?') onHelp()
      else if (e.key === 'j' || e.key === 'k') row(e.key === 'j' ? 1 : -1)
      else if (e.key === ']' || e.key === '[') step(e.key === ']' ? 1 : -1)
      else if (e.key === 'Escape') {
        if (step(0)) go(parents[route.screen] ?? route.screen)
      } else return
      e.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [route.screen])
}

/** Tells the screen; true: nothing there has taken it. */
const step = (by: number) => dispatchEvent(new CustomEvent(stepEvent, { detail: by, cancelable: true }))

function row(by: number) {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')]
  const now = rows.findIndex((r) => r === document.activeElement)
  rows[now < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, now + by))]?.focus()
}

const keys: [string, string][] = [
  ['/', 'search'], ['g m', 'machines'], ['g e', 'executions'], ['g r', 'Map Runs'], ['g w', 'waiting tasks'], ['g d', 'editor'],
  ['j  k', 'next and previous row'], ['Enter', 'open the row'], ['[  ]', 'previous and next state'], ['Esc', 'back'], ['?', 'these keys'],
]

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div class="body">
        <dl class="keys">{keys.map(([key, what]) => <div><dt>{key.split(/\s+/).map((k) => <kbd>{k}</kbd>)}</dt><dd>{what}</dd></div>)}</dl>
      </div>
    </Dialog>
  )
}
