import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { clock, clocksNow, due, elapsed, spoken } from '../../console/desk/sla'
import { useClock } from '../../console/stores/clock'
import { row } from '../support/fakeDesk'

const TARGETS = { queue_s: 100, first_reply_s: 20, reply_s: 40, wrap_up_s: 300 }
const waiting = { bot: 60, queue: 30, human: 0, running: 'queue' as const }

afterEach(() => vi.useRealTimers())

describe('clocks', () => {
  it('let only the running one go on', () => {
    expect(clocksNow(row('c1'), 25)).toEqual({ bot: 60, queue: 30, human: 35 })
    expect(clocksNow(row('c1', { clocks: { ...waiting, running: null } }), 25)).toEqual({ bot: 60, queue: 30, human: 0 })
  })

  it('tick once a second while somebody looks, and stop with the last', () => {
    vi.useFakeTimers({ now: 1_000_000 })
    setActivePinia(createPinia())
    const time = useClock()
    const [one, two] = [time.run(), time.run()]
    vi.advanceTimersByTime(3_000)
    expect(elapsed(time.now, 1_000_000)).toBe(3)
    one()
    one()
    vi.advanceTimersByTime(1_000)
    expect(elapsed(time.now, 1_000_000)).toBe(4)
    two()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are shown short and told in words', () => {
    expect([0, 59, 61, 3_725, -5].map(clock)).toEqual(['0:00', '0:59', '1:01', '1:02:05', '0:00'])
    expect([5, 65, 3_725].map(spoken)).toEqual(['5 秒', '1 分 5 秒', '1 小时 2 分'])
  })
})

describe('promised times', () => {
  it.each([
    [30, 'ok'],
    [39, 'ok'],
    [40, 'soon'],
    [69, 'soon'],
    [70, 'late'],
  ])('are marked before they are broken: 30 s and %d more in the queue is %s', (passed, level) => {
    expect(due(row('c1', { state: 'queued', clocks: waiting }), TARGETS, passed)).toMatchObject({ what: 'queue', level })
  })

  it('tell the first answer from later ones', () => {
    expect(due(row('c1', { awaiting_s: 15, first_reply: false }), TARGETS, 0)).toMatchObject({ what: 'first_reply', level: 'soon' })
    expect(due(row('c1', { awaiting_s: 15 }), TARGETS, 0)).toMatchObject({ what: 'reply', level: 'ok' })
  })

  it('rest while it is the turn of the customer, and after the talk', () => {
    expect(due(row('c1'), TARGETS, 9_999).what).toBe('')
    expect(due(row('c1', { state: 'wrap_up', awaiting_s: 500 }), TARGETS, 0).what).toBe('')
  })
})
