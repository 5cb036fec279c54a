// The picture of a state machine. It comes from the server as SVG, and gets links and statuses here.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Drawn, Visit } from './api'
import { count, many, straight, visible } from './format'
import { kindOf } from './ui'

const svgName = 'http://www.w3.org/2000/svg'

interface State {
  group: Element
  link: Element
  said: Element
  badge?: SVGGElement
}

export interface Standing {
  status: string // of the visit that counts: one that is open, else the last
  visits: number
  done: number
}

/**
 * How the states of an execution stand, by name. The last visit counts; of a state inside of a Map those of all iterations,
 * because one that failed is what one wants to see.
 */
export function standings(visits: Iterable<Visit>): Map<string, Standing> {
  const groups = new Map<string, { parent: number; last: Map<number, string>; visits: number; done: number }>()
  for (const v of visits) {
    let g = groups.get(v.state)
    if (!g) groups.set(v.state, (g = { parent: 0, last: new Map(), visits: 0, done: 0 }))
    if (g.parent !== (v.parent ?? 0)) {
      g.parent = v.parent ?? 0
      g.last.clear()
    }
    g.last.set(v.child ?? 0, v.status)
    g.visits++
    if (v.status !== 'open') g.done++
  }
  const found = new Map<string, Standing>()
  for (const [state, { last, visits, done }] of groups) {
    let status = 'exited'
    for (const s of last.values()) if (weight[s]! > weight[status]!) status = s
    found.set(state, { status, visits, done })
  }
  return found
}

const weight: Record<string, number> = { open: 9, failed: 4, aborted: 3, caught: 2, exited: 1 }

interface Props {
  drawn: Drawn
  now?: Map<string, Standing>
  selected?: string
  href?: (state: string) => string
  onSelect?: (state: string) => void
  download?: string
}

export const Graph = (props: Props) => props.drawn.svg ? <Picture {...props} svg={props.drawn.svg} />
  : <p class="hint">This definition has {many(Object.keys(props.drawn.types).length, 'state')}. It is too large to be drawn.</p>

function Picture({ drawn, svg: text, now, selected, href, onSelect, download }: Props & { svg: string }) {
  const box = useRef<HTMLDivElement>(null)
  const states = useRef(new Map<string, State>())
  const size = useRef({ width: 1, height: 1 })
  const [zoom, setZoom] = useState(0) // 0: fits the width

  useLayoutEffect(() => {
    const svg = document.importNode(new DOMParser().parseFromString(text, 'image/svg+xml').documentElement, true)
    size.current = { width: Number(svg.getAttribute('width')), height: Number(svg.getAttribute('height')) }
    for (const text of svg.querySelectorAll('text, title')) text.textContent = straight(text.textContent)
    svg.setAttribute('role', 'group')
    svg.setAttribute('aria-label', 'Graph')
    states.current = new Map()
    for (const [name, class_] of Object.entries(drawn.classes)) {
      const group = svg.querySelector('g.' + class_)
      if (group) states.current.set(name, { group, ...linked(group, name, drawn.types[name] ?? '', href, onSelect) })
    }
    box.current!.replaceChildren(svg)
  }, [drawn])

  useLayoutEffect(() => {
    for (const [name, s] of states.current) {
      const standing = now?.get(name)
      const kind = standing ? kindOf(standing.status) : ''
      s.group.setAttribute('class', `state ${drawn.types[name]} ${kind && 'is-' + kind.replace(' ', '-')} ${name === selected ? 'selected' : ''}`)
      s.said.textContent = kind && ' ' + kind
      if (name === selected) s.link.setAttribute('aria-current', 'true')
      else s.link.removeAttribute('aria-current')
      badge(s, standing)
    }
  }, [drawn, now, selected])

  useLayoutEffect(() => {
    const fit = () => {
      const svg = box.current?.firstElementChild as SVGElement | null
      if (!svg || !box.current) return
      const wide = Math.min(1, (box.current.clientWidth - 18) / size.current.width, Math.max(0.8, (box.current.clientHeight - 56) / size.current.height))
      const scale = zoom || Math.max(0.35, wide)
      svg.setAttribute('width', String(Math.round(size.current.width * scale)))
      svg.setAttribute('height', String(Math.round(size.current.height * scale)))
    }
    fit()
    const watch = new ResizeObserver(fit)
    watch.observe(box.current!)
    return () => watch.disconnect()
  }, [drawn, zoom])

  useEffect(() => {
    if (selected) states.current.get(selected)?.group.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [selected])

  const by = (factor: number) => {
    const shown = Number(box.current?.firstElementChild?.getAttribute('width')) / size.current.width || 1
    setZoom(Math.min(3, Math.max(0.2, shown * factor)))
  }
  return (
    <div class="graph">
      <div class="graph-tools" role="toolbar" aria-label="Graph">
        <button type="button" class="icon" aria-label="Larger" onClick={() => by(1.25)}>+</button>
        <button type="button" class="icon" aria-label="Smaller" onClick={() => by(0.8)}>−</button>
        <button type="button" class="small" onClick={() => setZoom(1)}>1:1</button>
        <button type="button" class="small" onClick={() => setZoom(0)}>Fit</button>
        {download && <a class="small button" href={download} download="graph.svg">SVG</a>}
      </div>
      <div class="graph-box" ref={box} tabIndex={0} role="region" aria-label="Graph of the states" />
    </div>
  )
}

/** Makes a link of the label of a state. What is inside of the state stays outside of the link. */
function linked(group: Element, name: string, type: string, href?: (state: string) => string, onSelect?: (state: string) => void): { link: Element; said: Element } {
  const title = group.querySelector(':scope > title')
  if (title) title.textContent = visible(`${name} (${type})`)
  const texts = [...group.querySelectorAll(':scope > text')]
  const link = document.createElementNS(svgName, href ? 'a' : 'g')
  if (href) link.setAttribute('href', href(name))
  const shape = group.querySelector(':scope > .shape')
  shape?.after(link)
  const simple = !group.querySelector(':scope > g.state, :scope > path.edge, :scope > rect.mark')
  if (simple && shape) link.append(shape)
  // What the colour says, for those who hear the page.
  const said = document.createElementNS(svgName, 'text')
  said.setAttribute('class', 'said')
  link.append(...texts, said)
  link.addEventListener('click', (e) => {
    if (!onSelect) return
    e.preventDefault()
    onSelect(name)
  })
  return { link, said }
}

/** Shows the status of a state at its corner: a sign, and how often it was visited. */
function badge(s: State, now: Standing | undefined) {
  s.badge?.remove()
  s.badge = undefined
  const shape = s.group.querySelector(':scope > .shape, :scope > a > .shape, :scope > g > .shape') as SVGGraphicsElement | null
  if (!now || !shape) return
  const at = corner(shape)
  const g = document.createElementNS(svgName, 'g')
  g.setAttribute('class', 'badge')
  g.setAttribute('aria-hidden', 'true')
  const kind = kindOf(now.status)
  const often = now.visits > 1 ? (now.done < now.visits ? `${count(now.done)}/${count(now.visits)}` : `×${count(now.visits)}`) : ''
  const width = 15 + (often ? often.length * 7 + 3 : 0)
  g.setAttribute('transform', `translate(${at.x + 6 - width} ${at.y - 10})`) // not over what is beside the state
  const rect = document.createElementNS(svgName, 'rect')
  for (const [k, v] of Object.entries({ width, height: 15, rx: 7.5 })) rect.setAttribute(k, String(v))
  const sign = document.createElementNS(svgName, 'path')
  sign.setAttribute('d', signs[kind] ?? '')
  g.append(rect, sign)
  if (often) {
    const text = document.createElementNS(svgName, 'text')
    text.setAttribute('x', '13')
    text.setAttribute('y', '11')
    text.textContent = often
    g.append(text)
  }
  s.group.append(g)
  s.badge = g
}

const signs: Record<string, string> = {
  running: 'M5 7.5a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0z',
  succeeded: 'M4.3 7.8 6.6 10l4.2-4.8',
  failed: 'M5 5l5 5M10 5l-5 5',
  caught: 'M4.6 4.6v2.6a1.5 1.5 0 0 0 1.5 1.5h4.3M8.6 6.9l1.9 1.8-1.9 1.8',
  aborted: 'M3.8 7.5a3.7 3.7 0 1 0 7.4 0 3.7 3.7 0 1 0-7.4 0M5 10l5-5',
}

/** The upper right corner of a shape, by its attributes: what is not shown has no box. */
function corner(shape: Element): { x: number; y: number } {
  if (shape.tagName === 'rect') return { x: Number(shape.getAttribute('x')) + Number(shape.getAttribute('width')), y: Number(shape.getAttribute('y')) }
  const m = /^M(-?[\d.]+) (-?[\d.]+)h(-?[\d.]+)l(-?[\d.]+)/.exec(shape.getAttribute('d') ?? '')
  return m ? { x: Number(m[1]) + Number(m[3]) + Number(m[4]), y: Number(m[2]) } : { x: 0, y: 0 }
}

