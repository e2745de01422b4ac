import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { get, serverTime } from '../../console/api/client'
import { clock, clockNow, CLOCKS, due, elapsed, spoken } from '../../console/desk/sla'
import { useClock } from '../../console/stores/clock'
import { chat, FakeDesk, FIGURES } from '../support/fakeDesk'

const NOW = Date.parse('2026-11-26T02:00:00Z')

beforeEach(() => vi.useFakeTimers({ now: NOW }))
afterEach(() => vi.useRealTimers())

describe('clocks', () => {
  it('let only the running one go on', () => {
    expect(CLOCKS.map((name) => clockNow(chat('c1'), name, 25))).toEqual([60, 30, 35])
    const ended = chat('c1', { clocks: { ...chat('c1').clocks, running: null } })
    expect(CLOCKS.map((name) => clockNow(ended, name, 25))).toEqual([60, 30, 10])
  })

  it('tick once a second while somebody looks, and stop with the last', () => {
    setActivePinia(createPinia())
    const time = useClock()
    const [one, two] = [time.run(), time.run()]
    vi.advanceTimersByTime(3_000)
    expect(elapsed(time.now, NOW)).toBe(3)
    one()
    one()
    vi.advanceTimersByTime(1_000)
    expect(elapsed(time.now, NOW)).toBe(4)
    two()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are shown short and told in words', () => {
    expect([0, 59, 61, 3_725, -5].map(clock)).toEqual(['0:00', '0:59', '1:01', '1:02:05', '0:00'])
    expect([5, 65, 3_725].map(spoken)).toEqual(['5 秒', '1 分 5 秒', '1 小时 2 分'])
  })
})

describe('promised times', () => {
  const waiting = (kind: 'accept' | 'first_reply' | 'reply', left: number) =>
    chat('c1', { sla: { kind, state: 'ok', due_at: new Date(serverTime(NOW) + left * 1000).toISOString() } })

  it.each([
    [100, 'ok', 0],
    [21, 'ok', 79],
    [20, 'near', 80],
    [1, 'near', 99],
    [0, 'over', 100],
    [-30, 'over', 130],
  ])('are coloured before they are broken: %d s left of 100 is %s', (left, level, waited) => {
    expect(due(waiting('accept', left), FIGURES, NOW)).toEqual({ what: '等候', level, waited })
  })

  it('go on while nothing comes from the server', () => {
    const asked = waiting('reply', 40)
    expect(due(asked, FIGURES, NOW)?.level).toBe('ok')
    expect(due(asked, FIGURES, NOW + 33_000)?.level).toBe('near')
    expect(due(asked, FIGURES, NOW + 41_000)?.level).toBe('over')
  })

  it('tell the first answer from later ones, and nothing when nothing is due', () => {
    expect(due(waiting('first_reply', 20), FIGURES, NOW)?.what).toBe('待首答')
    expect(due(waiting('reply', 40), FIGURES, NOW)?.what).toBe('待回复')
    expect(due(chat('c1'), FIGURES, NOW)).toBeNull()
  })

  it('follow the clock of the server, not that of the workstation', async () => {
    const server = new FakeDesk()
    server.date = 'Thu, 26 Nov 2026 02:05:00 GMT'
    await get('/api/staff/desk/me')
    expect(serverTime(NOW)).toBe(NOW + 300_000)
    const asked = chat('c1', { sla: { kind: 'accept', state: 'near', due_at: '2026-11-26T02:05:10.000Z' } })
    expect(due(asked, FIGURES, NOW)).toEqual({ what: '等候', level: 'near', waited: 90 })
  })
})
