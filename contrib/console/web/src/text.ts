// JSON as text. Values stay texts, because a browser's numbers would not be exact.

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

const deepest = 40 // levels that are indented: a long list that is nested deeply would be mostly spaces

/** Writes a text of JSON in lines, two spaces a level. What is no JSON stays as it is. */
export function pretty(text: string): string {
  if (!isJSON(text)) return text
  const out: string[] = []
  let depth = 0
  let before = ''
  const line = () => '\n' + '  '.repeat(Math.min(depth, deepest))
  for (const [t] of text.matchAll(token)) {
    switch (t) {
      case '{':
      case '[':
        if (before && before !== ':') out.push(line())
        out.push(t)
        depth++
        break
      case '}':
      case ']':
        depth--
        if (before !== '{' && before !== '[') out.push(line())
        out.push(t)
        break
      case ',':
        out.push(t)
        break
      case ':':
        out.push(': ')
        break
      default:
        if (before && before !== ':') out.push(line())
        out.push(t)
    }
    before = t
  }
  return out.join('')
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

export type Piece = { kind: 'name' | 'string' | 'number' | 'word' | ''; text: string }

/** The pieces of a text of JSON, for colours. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  const all = /("(?:[^"\\\n]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b|[^"\dtfn-]+|[\s\S]/g
  for (const m of text.matchAll(all)) {
    if (m[1] && m[2]) found.push({ kind: 'name', text: m[1] }, { kind: '', text: m[2] })
    else if (m[1]) found.push({ kind: 'string', text: m[1] })
    else if (m[3]) found.push({ kind: 'number', text: m[3] })
    else if (m[4]) found.push({ kind: 'word', text: m[4] })
    else {
      const last = found[found.length - 1]
      if (last && last.kind === '') last.text += m[0]
      else found.push({ kind: '', text: m[0] })
    }
  }
  return found
}

export type Difference = { sign: ' ' | '-' | '+'; text: string }

const mostLines = 1500

/** Compares two texts line by line; null: they are too long, and differ too much. */
export function differences(before: string, after: string): Difference[] | null {
  const a = before.split('\n')
  const b = after.split('\n')
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const x = a.slice(start, a.length - end)
  const y = b.slice(start, b.length - end)
  if (x.length > mostLines || y.length > mostLines) return null
  const same = (lines: string[]): Difference[] => lines.map((text) => ({ sign: ' ', text }))
  return [...same(a.slice(0, start)), ...between(x, y), ...same(a.slice(a.length - end))]
}

function between(x: string[], y: string[]): Difference[] {
  const width = y.length + 1
  const longest = new Uint16Array((x.length + 1) * width)
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = y.length - 1; j >= 0; j--) {
      longest[i * width + j] = x[i] === y[j] ? longest[(i + 1) * width + j + 1]! + 1 : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!)
    }
  }
  const found: Difference[] = []
  let i = 0
  let j = 0
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) found.push({ sign: ' ', text: x[i++]! }), j++
    else if (j === y.length || i < x.length && longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) found.push({ sign: '-', text: x[i++]! })
    else found.push({ sign: '+', text: y[j++]! })
  }
  return found
}

/** What is wrong with a text that should be JSON, with its place; '' if nothing is. */
export function jsonError(text: string): string {
  if (text.trim() === '') return 'Expected JSON, found nothing.'
  try {
    JSON.parse(text)
    return ''
  } catch (e) {
    const message = (e as Error).message.replace(/^JSON\.parse: /, '').replace(/, "[\s\S]*" is not valid JSON$/, '').replace(/ in JSON at position.*$/, '')
    const at = /position (\d+)/.exec((e as Error).message)
    if (!at) return message
    const before = text.slice(0, Number(at[1])).split('\n')
    return `${before.length}:${before[before.length - 1]!.length + 1}: ${message}`
  }
}
