// How things are written.

const two = (n: number) => String(n).padStart(2, '0')

/** A time of the user's clock: "2026-11-28 21:49:03". */
export function instant(ms: number): string {
  const d = new Date(ms)
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
}

/** As instant, with milliseconds and without the date. */
export function clock(ms: number): string {
  const d = new Date(ms)
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, '0')}`
}

/** "370 ms", "5.57 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". */
export function duration(ms: number): string {
  if (ms < 0) ms = 0
  if (ms < 1000) return `${Math.round(ms)} ms`
  const s = ms / 1000
  if (s < 9.995) return `${s.toFixed(2)} s`
  if (s < 59.95) return `${s.toFixed(1)} s`
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) => {
    const n = Math.floor(s / big)
    const rest = Math.floor((s - n * big) / small)
    return rest ? `${n} ${bigUnit} ${rest} ${smallUnit}` : `${n} ${bigUnit}`
  }
  if (s < 3600) return pair(60, 'min', 1, 's')
  if (s < 86400) return pair(3600, 'h', 60, 'min')
  return pair(86400, 'd', 3600, 'h')
}

export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, '\u2009')
}

export function bytes(n: number): string {
  return n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`
}

export const many = (n: number, one: string, more = one + 's') => `${count(n)} ${n === 1 ? one : more}`

/** The last part of an ARN, as a name. */
export const nameOf = (arn: string) => arn.slice(arn.lastIndexOf(':') + 1)

/** The word for a status of an execution or a visit. */
export const word = (status: string) => status.toLowerCase().replace(/_/g, ' ')

/** Without characters that turn the text around; as long as before, for places that have room for so much. */
export const straight = (text: string) => text.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

/** Characters that would not be seen, or would turn the text around, as JSON writes them. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))
}
