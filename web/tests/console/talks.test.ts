import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { useDrafts } from '../../console/stores/drafts'
import { useTalks, type Talk } from '../../console/stores/talks'
import { FakeDesk, settled } from '../support/fakeDesk'

let desk: FakeDesk
const seqs = (talk: Talk): number[] => talk.messages.map(({ seq }) => seq)

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
  desk = new FakeDesk()
  useDrafts().open('1001')
})

describe('messages of a talk', () => {
  it('come in order and once, whatever order they arrive in', async () => {
    const talks = useTalks()
    const [one, two, three] = ['一', '二', '三'].map((text) => desk.say('c1', 'customer', text))
    await talks.receive('c1', three!)
    await talks.receive('c1', one!)
    await talks.receive('c1', two!)
    await talks.receive('c1', three!)
    expect(seqs(talks.open('c1'))).toEqual([1, 2, 3])
  })

  it('fill a gap from the log before they are shown', async () => {
    const talks = useTalks()
    desk.say('c1', 'customer', '一')
    await talks.load('c1')
    desk.say('c1', 'customer', '二')
    const third = desk.say('c1', 'customer', '三')
    await talks.receive('c1', third)
    expect(seqs(talks.open('c1'))).toEqual([1, 2, 3])
    expect(desk.calls.filter(({ path }) => path.includes('/messages?')).pop()?.path).toContain('after=1')
  })

  it('are read page by page from a long log', async () => {
    for (let index = 0; index < 450; index += 1) desk.say('c1', 'customer', String(index))
    const talks = useTalks()
    await talks.load('c1')
    expect(talks.open('c1').messages).toHaveLength(450)
    expect(desk.count(/messages\?/)).toBe(3)
  })

  it('are asked for once when many hints come together', async () => {
    const talks = useTalks()
    desk.say('c1', 'customer', '一')
    await Promise.all([talks.catchUp('c1'), talks.catchUp('c1'), talks.catchUp('c1')])
    expect(desk.count(/messages\?/)).toBe(1)
  })

  it('accept a log with a missing number instead of asking for ever', async () => {
    desk.say('c1', 'customer', '一')
    desk.say('c1', 'customer', '三', { seq: 3 })
    const talks = useTalks()
    await talks.load('c1')
    expect(seqs(talks.open('c1'))).toEqual([1, 3])
  })
})

describe('sending', () => {
  it('shows at once and gives way to the stored message', async () => {
    const talks = useTalks()
    const sent = talks.say('c1', { text: '您好' })
    expect(talks.open('c1').sending).toHaveLength(1)
    await sent
    expect(talks.open('c1').sending).toHaveLength(0)
    expect(seqs(talks.open('c1'))).toEqual([1])
  })

  it('is repeated under the same name after a lost answer, so that nothing is doubled', async () => {
    const talks = useTalks()
    desk.loseNextAnswer = true
    await talks.say('c1', { text: '您好' })
    expect(talks.open('c1').sending[0]?.problem).toContain('连不上')
    await talks.resume()
    expect(desk.log.c1).toHaveLength(1)
    await talks.catchUp('c1')
    expect(seqs(talks.open('c1'))).toEqual([1])
    expect(talks.open('c1').sending).toHaveLength(0)
  })

  it('keeps the order of what was written while the line was down', async () => {
    const talks = useTalks()
    desk.unreachable = true
    await talks.say('c1', { text: '一' })
    await talks.say('c1', { text: '二' })
    desk.unreachable = false
    await talks.resume()
    expect(desk.texts('c1')).toEqual(['一', '二'])
  })

  it('sends one after the other, so that a slow first is not overtaken', async () => {
    const talks = useTalks()
    await Promise.all(['一', '二', '三'].map((text) => talks.say('c1', { text })))
    await settled()
    expect(desk.texts('c1')).toEqual(['一', '二', '三'])
    const order = desk.calls.filter(({ method }) => method === 'POST').map(({ body }) => body?.text)
    expect(order).toEqual(['一', '二', '三'])
  })

  it('survives a reload of the page', async () => {
    desk.unreachable = true
    await useTalks().say('c1', { text: '重要的话' })
    desk.unreachable = false
    setActivePinia(createPinia())
    useDrafts().open('1001')
    const talks = useTalks()
    await talks.load('c1')
    await settled()
    expect(desk.log.c1).toHaveLength(1)
    expect(talks.open('c1').sending).toHaveLength(0)
    expect(localStorage.length).toBe(0)
  })

  it('is not repeated when the server said no; its words can be taken back', async () => {
    const talks = useTalks()
    desk.refusals.push({ path: /messages$/, status: 409, text: '这个会话已由其他坐席接待。' })
    await talks.say('c1', { text: '您好' })
    const [sending] = talks.open('c1').sending
    expect(sending).toMatchObject({ problem: '这个会话已由其他坐席接待。', final: true })
    await talks.resume()
    expect(desk.count(/messages$/, 'POST')).toBe(1)
    talks.discard('c1', sending!.outgoing.client_id)
    expect(talks.open('c1').sending).toHaveLength(0)
    expect(useDrafts().of('c1').reply).toBe('您好')
  })

  it('turns into a draft again when the chat goes to somebody else', async () => {
    const talks = useTalks()
    desk.unreachable = true
    await talks.say('c1', { text: '还没送到' })
    talks.leave('c1')
    expect(useDrafts().of('c1')).toMatchObject({ reply: '还没送到', outbox: [] })
    expect(talks.talks.has('c1')).toBe(false)
  })
})

describe('the sign that somebody is typing', () => {
  it('fades by itself and ends with a message', async () => {
    vi.useFakeTimers()
    const talks = useTalks()
    talks.showTyping('c1', true)
    vi.advanceTimersByTime(7_000)
    expect(talks.open('c1').typing).toBe(false)
    talks.showTyping('c1', true)
    await talks.receive('c1', desk.say('c1', 'customer', '说完了'))
    expect(talks.open('c1').typing).toBe(false)
    vi.useRealTimers()
  })
})
