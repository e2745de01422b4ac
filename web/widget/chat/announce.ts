/** Turns a message into the words a screen reader speaks. */
import type { Block, Role } from '../core/types'
import type { Translate } from '../i18n'
import { citationText, withMergedCitations } from './citation'

const SILENT = new Set(
  'type kind id state reason priority skill asks_for event unit kind_name status_code received'.split(' '),
)

/** The plain text of one message with its speaker, for the live region. */
export function spokenText(role: Role, blocks: readonly Block[], t: Translate): string {
  const words = withMergedCitations(blocks).flatMap((block) =>
    block.type === 'citation' ? citationText(block, t) : wordsOf(block),
  )
  return words.length ? [t(`role_${role}`), ...words].join('\n') : ''
}

/** Every word a block shows, in the order the server wrote it. */
function wordsOf(value: unknown): string[] {
  if (typeof value === 'string') return value ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => (SILENT.has(name) ? [] : wordsOf(part)))
}
