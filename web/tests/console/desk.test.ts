import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { REREAD_ANYWAY_MS, REREAD_MS, useDesk } from '../../console/stores/desk'
import { useDrafts } from '../../console/stores/drafts'
import { useTalks } from '../../console/stores/talks'
import { FakeDesk, row, settled } from '../support/fakeDesk'

let server: FakeDesk
const readings = (): number => server.count(/\/desk$/)

async function seated() {
  const desk = useDesk()
  desk.start('1001', true)
  await settled()
  server.socket.receive({ type: 'ready' })
  await settled()
  return desk
}

async function after(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await settled()
}

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  setActivePinia(createPinia())
  server = new FakeDesk()
})
afterEach(() => {
  useDesk().stop()
  vi.useRealTimers()
})

describe('the view of the desk', () => {
  it('is read once for a burst of hints, and again for one that comes during the reading', async () => {
    await seated()
    const before = readings()
    for (let index = 0; index < 50; index += 1) server.socket.receive({ type: 'desk', conversation_id: `c${index}` })
    await after(REREAD_MS + 10)
    expect(readings()).toBe(before + 1)
  })

  it('is read from time to time even when every hint is lost', async () => {
    await seated()
    const before = readings()
    await after(REREAD_ANYWAY_MS + REREAD_MS)
    expect(readings()).toBeGreaterThan(before)
  })

  it('splits what rings from what is under way', async () => {
    server.view.chats = [row('c1'), row('c2', { state: 'ringing', ring_left_s: 18 })]
    const desk = await seated()
    expect(desk.rings.map(({ conversation_id }) => conversation_id)).toEqual(['c2'])
    expect(desk.mine.map(({ conversation_id }) => conversation_id)).toEqual(['c1'])
  })

  it('says what went wrong and recovers', async () => {
    const desk = await seated()
    server.unreachable = true
    await desk.read()
    expect(desk.problem).toContain('连不上')
    server.unreachable = false
    await desk.read()
    expect(desk.problem).toBe('')
  })
})

describe('the connection', () => {
  it('listens to own chats from the last message that is here', async () => {
    server.say('c1', 'customer', '一')
    server.say('c1', 'customer', '二')
    const desk = await seated()
    await desk.open('c1')
    server.socket.drop()
    expect(desk.line).toBe('lost')
    await after(20_000)
    server.socket.receive({ type: 'ready' })
    await settled()
    expect(server.sockets.length).toBeGreaterThan(1)
    expect(server.socket.sent).toContainEqual({ type: 'watch', conversation_id: 'c1', last_seq: 2 })
  })

  it('catches up after it was lost: nothing is missing, nothing doubled', async () => {
    server.say('c1', 'customer', '一')
    const desk = await seated()
    await desk.open('c1')
    server.socket.drop()
    server.say('c1', 'customer', '二')
    server.say('c1', 'customer', '三')
    await after(20_000)
    server.socket.receive({ type: 'ready' })
    server.socket.receive({ type: 'message', conversation_id: 'c1', message: server.log.c1![2]! })
    await after(REREAD_MS)
    expect(useTalks().open('c1').messages.map(({ seq }) => seq)).toEqual([1, 2, 3])
  })

  it('answers the server, also where timers are slow', async () => {
    await seated()
    server.socket.receive({ type: 'ping' })
    expect(server.socket.sent).toContainEqual({ type: 'pong' })
  })

  it('counts as lost when the server says nothing any more', async () => {
    const desk = await seated()
    await after(30_000)
    expect(desk.line).toBe('lost')
    expect(server.sockets.length).toBeGreaterThan(1)
  })

  it('ends with the desk', async () => {
    const desk = await seated()
    desk.stop()
    const before = server.calls.length
    await after(120_000)
    expect(server.sockets).toHaveLength(1)
    expect(server.calls).toHaveLength(before)
  })
})

describe('a chat', () => {
  it('that goes to somebody else closes, its draft stays', async () => {
    const desk = await seated()
    await desk.open('c1')
    useDrafts().change('c1', { reply: '写了一半' })
    server.view = { ...server.view, chats: [] }
    await desk.read()
    expect(desk.openId).toBeNull()
    expect(useTalks().talks.has('c1')).toBe(false)
    expect(useDrafts().of('c1').reply).toBe('写了一半')
  })

  it('is marked as read up to what was shown', async () => {
    server.say('c1', 'customer', '一')
    server.view.chats = [row('c1', { unread: 1 })]
    const desk = await seated()
    await desk.open('c1')
    expect(server.calls.find(({ path }) => path.endsWith('/read'))?.body).toEqual({ seq: 1 })
  })

  it('is the next one up or down, round the end', async () => {
    server.view.chats = [row('c1'), row('c2'), row('c3')]
    const desk = await seated()
    desk.move(1)
    expect(desk.openId).toBe('c1')
    desk.move(-1)
    expect(desk.openId).toBe('c3')
  })
})

describe('who only looks on', () => {
  it('has no desk to read, but hears the chat that is watched', async () => {
    const desk = useDesk()
    desk.start('2001', false)
    server.socket.receive({ type: 'ready' })
    await settled()
    expect(readings()).toBe(0)
    await desk.watch('c9')
    expect(server.socket.sent).toContainEqual({ type: 'watch', conversation_id: 'c9', last_seq: 0 })
    server.socket.receive({ type: 'message', conversation_id: 'c9', message: server.say('c9', 'customer', '一') })
    await settled()
    expect(useTalks().open('c9').messages).toHaveLength(1)
    desk.unwatch()
    expect(server.socket.sent).toContainEqual({ type: 'unwatch', conversation_id: 'c9' })
  })
})
