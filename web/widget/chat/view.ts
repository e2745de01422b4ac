/** What the message list shows, worked out from the log alone so that a reload shows the same. */
import type { Block, ButtonsBlock, Entry } from '../core/types'
import { dayKey } from '../core/time'

export interface Row {
  entry: Entry
  /** The moment whose day is named above this row, when a new day begins. */
  newDay: string | null
  /** Whether the customer is asked what they think of it. */
  isAnswer: boolean
  /** Per block: the button already chosen, if any. */
  chosen: (string | null)[]
}

const ANSWERING = new Set<Block['type']>(['citation', 'steps', 'facts'])
const NOT_ANSWERING = new Set<Block['type']>(['buttons', 'form', 'handoff', 'notice', 'rating', 'case'])

export function toRows(entries: readonly Entry[]): Row[] {
  let day = ''
  let asked = false
  return entries.map((entry, index) => {
    const key = dayKey(entry.createdAt)
    const newDay = key !== '' && key !== day ? entry.createdAt : null
    if (newDay) day = key
    const row: Row = {
      entry,
      newDay,
      isAnswer: asked && isAnswer(entry),
      chosen: entry.blocks.map((block) =>
        block.type === 'buttons' ? chosenButton(block, entries.slice(index + 1)) : null,
      ),
    }
    asked ||= entry.role === 'customer'
    return row
  })
}

function isAnswer(entry: Entry): boolean {
  if (entry.role !== 'bot' || entry.seq === null) return false
  const types = entry.blocks.map((block) => block.type)
  if (types.some((type) => ANSWERING.has(type))) return true
  return types.includes('text') && !types.some((type) => NOT_ANSWERING.has(type))
}

/** The button of `block` that a later message came from: by its id, or after a reload by its title. */
function chosenButton(block: ButtonsBlock, later: readonly Entry[]): string | null {
  for (const entry of later) {
    if (entry.role !== 'customer') continue
    const [first] = entry.blocks
    const text = first?.type === 'text' ? first.text : null
    const button = block.buttons.find(
      ({ id, title }) => id === entry.buttonId || (entry.buttonId === null && title === text),
    )
    if (button) return button.id
  }
  return null
}
