import { describe, expect, it } from 'vitest'

import { createLog } from '../../widget/chat/log'
import type { Role, ServerMessage } from '../../widget/core/types'

function message(seq: number, role: Role = 'bot', extra: Partial<ServerMessage> = {}): ServerMessage {
  return { seq, role, blocks: [{ type: 'text', text: `第 ${seq} 条` }], created_at: '2026-11-23T02:00:00Z', ...extra }
}

/** Deterministic pseudo-random numbers, so that a failing order can be repeated. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items]
  let state = seed
  for (let i = result.length - 1; i > 0; i -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    const j = state % (i + 1)
    ;[result[i], result[j]] = [result[j] as T, result[i] as T]
  }
  return result
}

describe('the log', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))('keeps each message once and in order (order %i)', (seed) => {
    const log = createLog()
    const all = Array.from({ length: 12 }, (_, index) => message(index + 1))
    for (const one of shuffled([...all, ...all, ...all], seed)) log.receive(one)
    expect(log.entries.map((entry) => entry.seq)).toEqual(all.map(({ seq }) => seq))
    expect(log.cursor).toBe(12)
    expect(log.highest).toBe(12)
  })

  it('moves its cursor only over what came without a gap', () => {
    const log = createLog()
    log.receive(message(1))
    log.receive(message(4))
    expect([log.cursor, log.highest]).toEqual([1, 4])
    log.receive(message(2))
    log.receive(message(3))
    expect(log.cursor).toBe(4)
  })

  it('believes the server that there is nothing in a gap', () => {
    const log = createLog()
    log.receive(message(1))
    log.receive(message(4))
    log.settle(4)
    log.receive(message(5))
    expect(log.cursor).toBe(5)
  })

  it('tells new messages from known ones', () => {
    const log = createLog()
    expect(log.receive(message(1))).toBe(true)
    expect(log.receive(message(1))).toBe(false)
  })

  const orders: [string, ('ack' | 'echo' | 'answer')[]][] = [
    ['receipt, echo, answer', ['ack', 'echo', 'answer']],
    ['echo, receipt, answer', ['echo', 'ack', 'answer']],
    ['answer, receipt, echo', ['answer', 'ack', 'echo']],
    ['echo, answer, receipt', ['echo', 'answer', 'ack']],
    ['answer, echo, receipt', ['answer', 'echo', 'ack']],
  ]
  it.each(orders)('joins an own message with its echo: %s', (_name, order) => {
    const log = createLog()
    log.receive(message(1))
    const { clientId, key } = log.addOwn('你好', null)
    for (const step of order) {
      if (step === 'ack') log.acknowledge({ seq: 2, client_id: clientId ?? '', masked: [] })
      if (step === 'echo') log.receive(message(2, 'customer', { client_id: clientId }))
      if (step === 'answer') log.receive(message(3))
    }
    expect(log.entries.map((entry) => [entry.seq, entry.state])).toEqual([[1, 'sent'], [2, 'sent'], [3, 'sent']])
    expect(log.entries[1]?.key).toBe(key)
    expect(log.cursor).toBe(3)
  })

  it('shows the masked copy of the server instead of what was typed', () => {
    const log = createLog()
    const { clientId } = log.addOwn('卡号 6222021234567890128', null)
    log.acknowledge({ seq: 1, client_id: clientId ?? '', masked: ['card'] })
    expect(log.cursor).toBe(0)
    log.receive(
      message(1, 'customer', { client_id: clientId, masked: ['card'], blocks: [{ type: 'text', text: '卡号 ****' }] }),
    )
    expect(log.entries).toHaveLength(1)
    expect(log.entries[0]).toMatchObject({ blocks: [{ text: '卡号 ****' }], masked: ['card'] })
  })

  it('keeps unsent messages at the end', () => {
    const log = createLog()
    log.addOwn('还没送出', null)
    log.receive(message(1))
    expect(log.entries.map((entry) => entry.seq)).toEqual([1, null])
  })

  it('does not take the client id of a bot message for an own one', () => {
    const log = createLog()
    const { clientId } = log.addOwn('你好', null)
    log.receive(message(1, 'bot', { client_id: clientId }))
    expect(log.entries).toHaveLength(2)
  })

  it('ignores a receipt of a conversation that was left', () => {
    const log = createLog()
    const { clientId } = log.addOwn('旧的', null)
    log.clear(false)
    log.acknowledge({ seq: 1, client_id: clientId ?? '' })
    log.receive(message(2))
    expect(log.entries.map((entry) => entry.seq)).toEqual([2])
    expect(log.cursor).toBe(0)
  })

  it('keeps only what was never sent when a conversation is replaced', () => {
    const log = createLog()
    log.receive(message(1))
    log.addOwn('带走', null)
    log.clear(true)
    expect(log.entries.map((entry) => entry.blocks)).toEqual([[{ type: 'text', text: '带走' }]])
    expect([log.cursor, log.highest]).toEqual([0, 0])
  })
})
