/** The lines that say what an answer rests on. */
import type { Translate } from '../i18n'
import type { Block, CitationBlock } from '../core/types'

/** `依据 《…》 第…条（日期）`: source and clauses as the server gives them, bare numbers made clauses. */
export function citationText(block: CitationBlock, t: Translate): string {
  const parts = [t('citation', { source: bookTitle(block.source) })]
  if (block.clause) {
    parts.push(/^[\d.、]+$/.test(block.clause) ? t('clause', { clause: block.clause }) : block.clause)
  }
  const line = parts.join(' ')
  return block.date ? line + t('citation_date', { date: block.date }) : line
}

/** `blocks` with one citation a source: the clauses of later ones join the first. */
export function withMergedCitations(blocks: readonly Block[]): Block[] {
  const merged: Block[] = []
  const places = new Map<string, number>()
  for (const block of blocks) {
    const key = block.type === 'citation' ? JSON.stringify([block.source, block.date ?? null]) : null
    const place = key === null ? undefined : places.get(key)
    const first = place === undefined ? undefined : merged[place]
    if (place !== undefined && first?.type === 'citation' && block.type === 'citation') {
      merged[place] = { ...first, clause: joined(first.clause, block.clause) }
      continue
    }
    if (key !== null) places.set(key, merged.length)
    merged.push(block)
  }
  return merged
}

function joined(clauses: string | null | undefined, more: string | null | undefined): string | null {
  if (!clauses || !more) return clauses || more || null
  return clauses.split('、').includes(more) ? clauses : `${clauses}、${more}`
}

function bookTitle(source: string): string {
  return /[《〈]/.test(source) ? source : `《${source}》`
}
