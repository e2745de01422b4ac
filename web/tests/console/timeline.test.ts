import { describe, expect, it } from 'vitest'

import type { AgentMessage, Note, Span } from '../../console/api/deskTypes'
import { timeline } from '../../console/desk/timeline'

const at = (second: number): string => `2026-11-26T02:00:${String(second).padStart(2, '0')}Z`
const message = (seq: number): AgentMessage => ({ seq, role: 'customer', blocks: [], created_at: at(seq * 10) })
const note = (id: string, second: number): Note => ({ id, kind: 'note', author: '1001', to: null, text: id, at: at(second) })
const span = (owner: Span['owner'], first_seq: number, second: number): Span => ({ owner, agent: null, started_at: at(second), ended_at: null, first_seq })

describe('the timeline', () => {
  it('puts a span before its first message and a note where it was written', () => {
    const spans = [span('human', 3, 25), span('bot', 1, 0)]
    const entries = timeline([message(1), message(2), message(3)], [note('a', 15), note('b', 59)], spans)
    expect(entries.map((entry) => (entry.kind === 'day' ? 'day' : entry.key.replace(/T02:00/, '')))).toEqual([
      'day', 'span-2026-11-26:00Z', 'message-1', 'note-a', 'message-2', 'span-2026-11-26:25Z', 'message-3', 'note-b',
    ])
  })

  it('leaves out receipts, which are for the customer alone', () => {
    const receipt: AgentMessage = { ...message(2), role: 'system', blocks: [{ type: 'handoff', state: 'queued', text: '消息已送达' }] }
    const told: AgentMessage = { ...receipt, seq: 3, blocks: [...receipt.blocks, { type: 'notice', kind: 'queue', text: '第 1 位' }] }
    const shown = timeline([message(1), receipt, told], [], [])
    expect(shown.map(({ key }) => key)).toEqual(['day-2026-11-26', 'message-1', 'message-3'])
  })

  it('shows a span that has no message yet at the end, and names of days once', () => {
    const entries = timeline([message(1), message(2)], [], [span('queue', 3, 30)])
    expect(entries.map(({ kind }) => kind)).toEqual(['day', 'message', 'message', 'span'])
  })
})
