/** Finds the few links that may be clicked: https, and a host the bank has configured. */

export interface Segment {
  text: string
  /** Address to open, or null for plain text. */
  href: string | null
}

const ADDRESS = /https:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/g
const TRAILING = /[.,;:!?)\]'*]+$/

/** Split `text` at its links. Anything not https or of another host stays plain text. */
export function splitLinks(text: string, hosts: readonly string[]): Segment[] {
  const segments: Segment[] = []
  let end = 0
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, '')
    if (!isAllowed(address, hosts)) continue
    if (match.index > end) segments.push({ text: text.slice(end, match.index), href: null })
    segments.push({ text: address, href: address })
    end = match.index + address.length
  }
  if (end < text.length) segments.push({ text: text.slice(end), href: null })
  return segments
}

function isAllowed(address: string, hosts: readonly string[]): boolean {
  try {
    const url = new URL(address)
    return url.protocol === 'https:' && !url.username && !url.password && hosts.includes(url.host)
  } catch {
    return false
  }
}
