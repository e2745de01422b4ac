/** What the message list shows, worked out from the log alone so that a reload shows the same. */
import type { Block, ButtonsBlock, DeskState, Entry, FormBlock } from '../core/types'
import { dayKey } from '../core/time'
import { withMergedCitations } from './citation'

export interface Row {
  entry: Entry
  /** The moment whose day is named above this row, when a new day begins. */
  newDay: string | null
  /** Whether the customer is asked what they think of it. */
  isAnswer: boolean
  /** What is shown of the entry. */
  blocks: Block[]
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
    const blocks = withMergedCitations(entry.blocks)
    const row: Row = {
      entry,
      newDay,
      isAnswer: asked && isAnswer(entry),
      blocks,
      chosen: blocks.map((block) =>
        block.type === 'buttons' ? chosenButton(block, entries.slice(index + 1)) : null,
      ),
    }
    asked ||= entry.role === 'customer'
    return row
  })
}

/** Who the customer is talking to: the bot, nobody yet (queue), or an agent with this number. */
export interface Speaker {
  who: DeskState['owner']
  agent: string | null
  /** The log's latest word on place and waiting time. */
  waiting: string | null
}

const AGENT_NUMBER = /工号\s*(\w+)/

/** Who speaks, as the desk says, or by the latest word about it in the log. */
export function speakerOf(entries: readonly Entry[], desk: DeskState | null): Speaker {
  let speaker: Speaker = { ...BOT }
  for (const entry of entries) {
    if (entry.role === 'bot') speaker = { ...BOT }
    if (entry.role === 'agent') speaker = { who: 'human', agent: entry.agent ?? speaker.agent, waiting: null }
    for (const block of entry.blocks) speaker = spokenOf(block) ?? speaker
  }
  return desk ? { who: desk.owner, agent: desk.agent, waiting: speaker.waiting } : speaker
}

const BOT: Speaker = { who: 'bot', agent: null, waiting: null }

function spokenOf(block: Block): Speaker | null {
  if (block.type === 'rating' || (block.type === 'handoff' && block.state === 'message')) return { ...BOT }
  if (block.type !== 'notice') return null
  if (block.kind === 'bot') return { ...BOT }
  if (block.kind === 'queue' || block.kind === 'wait') return { who: 'queue', agent: null, waiting: block.text }
  if (block.kind === 'human') return { who: 'human', agent: AGENT_NUMBER.exec(block.text)?.[1] ?? null, waiting: null }
  return null
}

/** What the customer is being asked for: the form of the last message, unless it was answered. */
export function askedFor(entries: readonly Entry[]): FormBlock | null {
  const last = entries[entries.length - 1]
  if (!last || last.role === 'customer') return null
  return last.blocks.find((block): block is FormBlock => block.type === 'form') ?? null
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
