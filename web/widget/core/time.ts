/** Times as the customer's device shows them. */

/** `HH:mm` in local time; empty for an unreadable date. */
export function clockTime(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ''
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

/** Which calendar day (local time) a moment falls on, as a key that compares. */
export function dayKey(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ''
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** `today`, `yesterday` or the date itself in the given language. */
export function dayName(iso: string, lang: string, now: Date = new Date()): string {
  const key = dayKey(iso)
  if (key === dayKey(now.toISOString())) return 'today'
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)
  if (key === dayKey(before.toISOString())) return 'yesterday'
  return new Date(iso).toLocaleDateString(lang, { year: 'numeric', month: 'long', day: 'numeric' })
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
