/** What the middle column shows, in order: messages, private notes, who was speaking, and days. */
import { dayKey } from '../../widget/core/time'
import type { AgentMessage, Note, Owner, Span } from '../api/deskTypes'

export type Entry =
  | { kind: 'day'; key: string; day: string }
  | { kind: 'span'; key: string; owner: Owner; agent: string | null; startedAt: string; endedAt: string | null }
  | { kind: 'message'; key: string; message: AgentMessage }
  | { kind: 'note'; key: string; note: Note }

/** The customer's receipt for a message to the desk: nothing that an agent has to read. */
const isReceipt = ({ role, blocks }: AgentMessage): boolean =>
  role === 'system' && blocks.length === 1 && blocks[0]?.type === 'handoff' && blocks[0].state === 'queued'

/** Put everything in order: messages by number, a span before its first message, notes by time. */
export function timeline(messages: readonly AgentMessage[], notes: readonly Note[], spans: readonly Span[]): Entry[] {
  const entries: Entry[] = []
  const waitingNotes = [...notes]
  const waitingSpans = [...spans].sort((a, b) => a.first_seq - b.first_seq)
  let day = ''

  const notesUntil = (moment: string | null): void => {
    while (waitingNotes[0] && (moment === null || Date.parse(waitingNotes[0].at) <= Date.parse(moment))) {
      const note = waitingNotes.shift() as Note
      entries.push({ kind: 'note', key: `note-${note.id}`, note })
    }
  }
  const spansUntil = (seq: number): void => {
    while (waitingSpans[0] && waitingSpans[0].first_seq <= seq) {
      const span = waitingSpans.shift() as Span
      notesUntil(span.started_at)
      entries.push({ kind: 'span', key: `span-${span.started_at}`, owner: span.owner, agent: span.agent, startedAt: span.started_at, endedAt: span.ended_at })
    }
  }
  for (const message of messages) {
    if (isReceipt(message)) continue
    const today = dayKey(message.created_at)
    if (today !== day) {
      day = today
      entries.push({ kind: 'day', key: `day-${today}`, day: today })
    }
    spansUntil(message.seq)
    notesUntil(message.created_at)
    entries.push({ kind: 'message', key: `message-${message.seq}`, message })
  }
  spansUntil(Infinity)
  notesUntil(null)
  return entries
}
