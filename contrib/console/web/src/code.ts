// A field for JSON with colours and findings. CodeMirror makes style sheets, which the policy of the page
// forbids in the document, but not inside of a shadow root: so this is an element of its own.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic as Finding } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { RefObject } from 'preact'
import type { Diagnostic, Position } from './api'

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--json-name)' },
  { tag: tags.string, color: 'var(--json-string)' },
  { tag: tags.number, color: 'var(--json-number)' },
  { tag: [tags.bool, tags.null], color: 'var(--json-word)' },
])

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', color: 'var(--text)', backgroundColor: 'var(--back)' },
  '&.cm-focused': { outline: '1px solid var(--focus)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-gutters': { backgroundColor: 'var(--side)', color: 'var(--soft)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'var(--hover)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--selection)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)' },
  '.cm-diagnostic': { fontFamily: 'var(--sans)', fontSize: '13px' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--side)', border: '1px solid var(--line)', color: 'var(--soft)' },
})

export class Code extends HTMLElement {
  private view?: EditorView
  private first = ''

  connectedCallback() {
    if (this.view) return
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    const place = document.createElement('div')
    place.style.height = '100%'
    root.replaceChildren(place)
    this.view = new EditorView({
      root, parent: place,
      state: EditorState.create({
        doc: this.first,
        extensions: [
          lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), json(),
          syntaxHighlighting(colours), look,
          keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, indentWithTab]),
          EditorView.contentAttributes.of({ 'aria-label': this.getAttribute('label') ?? 'Text', spellcheck: 'false', tabindex: '0' }),
          EditorView.updateListener.of((u) => {
            if (u.docChanged) this.dispatchEvent(new Event('edited'))
            if (u.docChanged || u.selectionSet) this.dispatchEvent(new Event('moved'))
          }),
        ],
      }),
    })
  }

  disconnectedCallback() {
    this.first = this.text
    this.view?.destroy()
    this.view = undefined
  }

  get text(): string {
    return this.view ? this.view.state.doc.toString() : this.first
  }

  set text(text: string) {
    if (!this.view) this.first = text
    else if (text !== this.text) this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } })
  }

  /** The offset of the cursor in the text. */
  get cursor(): number {
    return this.view?.state.selection.main.head ?? 0
  }

  /** The offset of a place that is told in lines and characters. */
  offset(p: Position | undefined): number {
    const doc = this.view!.state.doc
    if (!p || p.line < 1) return 0
    const line = doc.line(Math.min(p.line, doc.lines))
    const units = [...line.text].slice(0, Math.max(0, p.column - 1)).join('').length
    return Math.min(line.from + units, line.to)
  }

  goTo(offset: number) {
    this.view?.dispatch({ selection: { anchor: offset }, effects: EditorView.scrollIntoView(offset, { y: 'center' }) })
    this.view?.focus()
  }

  show(found: Diagnostic[]) {
    if (!this.view) return
    const findings: Finding[] = found.map((d) => {
      const from = this.offset(d.start)
      return {
        from, to: Math.max(from, this.offset(d.end)), severity: d.severity === 'ERROR' ? 'error' as const : 'warning' as const,
        source: d.code, message: d.hint ? `${d.message}\n${d.hint}` : d.message,
      }
    })
    this.view.dispatch(setDiagnostics(this.view.state, findings))
  }
}

customElements.define('statemill-code', Code)

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'statemill-code': { ref?: RefObject<Code | null>; label: string }
    }
  }
}
