/** Finding canned replies by characters, pinyin or initials, and the gaps that are still to be filled in. */
import type { CannedReply } from '../api/deskTypes'

export interface Indexed {
  reply: CannedReply
  words: string
  initials: string
  syllables: string
}

/** Make the replies findable; the pinyin table is loaded when it is first needed. */
export async function indexed(replies: CannedReply[]): Promise<Indexed[]> {
  const { pinyin } = await import('pinyin-pro')
  const spell = (text: string, pattern: 'first' | 'pinyin'): string =>
    pinyin(text, { pattern, toneType: 'none', type: 'array', nonZh: 'consecutive' }).join('').replace(/\s/g, '').toLowerCase()
  return replies.map((reply) => ({
    reply,
    words: `${reply.title}${reply.category}${reply.key}${reply.text}`.toLowerCase(),
    initials: spell(reply.title, 'first'),
    syllables: spell(reply.title, 'pinyin'),
  }))
}

/** Replies that fit, best first: title from its beginning, then inside, then the text. */
export function find(all: Indexed[], typed: string): CannedReply[] {
  const wanted = typed.trim().toLowerCase().replace(/\s+/g, '')
  if (!wanted) return all.map(({ reply }) => reply)
  const rank = (entry: Indexed): number => {
    const title = entry.reply.title.toLowerCase()
    const ways = [title, entry.initials, entry.syllables, entry.reply.key.toLowerCase()]
    if (ways.some((way) => way.startsWith(wanted))) return 0
    if (ways.some((way) => way.includes(wanted))) return 1
    return entry.words.includes(wanted) ? 2 : 3
  }
  return all
    .map((entry, index) => ({ entry, index, rank: rank(entry) }))
    .filter((found) => found.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ entry }) => entry.reply)
}

/** What the server did not know, `{deadline}`, and what only the agent knows, `……`. */
const GAP = /\{[^{}\n]{1,20}\}|……/

/** Where the first gap from `from` on stands, or null. */
export function gapFrom(text: string, from = 0): [number, number] | null {
  const found = GAP.exec(text.slice(from))
  return found ? [from + found.index, from + found.index + found[0].length] : null
}
