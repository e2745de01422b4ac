/** The one line that says what an answer rests on. */
import type { Translate } from '../i18n'
import type { CitationBlock } from '../core/types'

/** `依据 《…》 第…条（日期）`: source and clause as the server gives them, a bare number made a clause. */
export function citationText(block: CitationBlock, t: Translate): string {
  const parts = [t('citation', { source: bookTitle(block.source) })]
  if (block.clause) {
    parts.push(/^[\d.]+$/.test(block.clause) ? t('clause', { clause: block.clause }) : block.clause)
  }
  const line = parts.join(' ')
  return block.date ? line + t('citation_date', { date: block.date }) : line
}

function bookTitle(source: string): string {
  return /[《〈]/.test(source) ? source : `《${source}》`
}
