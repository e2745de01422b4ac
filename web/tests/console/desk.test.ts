import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { REREAD_MS, useDesk } from '../../console/stores/desk'
import { useDrafts } from '../../console/stores/drafts'
import { useTalks } from '../../console/stores/talks'
import { AGENT, chat, FakeDesk, settled } from '../support/fakeDesk'

let server: FakeDesk

async function seated() {
  const desk = useDesk()
  desk.start('1001')
  server.socket.onopen?.()
  server.ready()
  await settled()
  return desk
}

async function after(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await settled()
}

async function hears(id: string, text: string): Promise<void> {
  server.socket.receive({ type: 'message', conversation_id: id, message: server.say(id, 'customer', text) })
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

describe('the lists', () => {
  it('tell what rings, what a colleague offers, and what is held', async () => {
    server.chats = [chat('c1'), chat('c2', { state: 'ringing' }), chat('c3', { agent: '1002', target_agent: '1001' }), chat('c4', { target_agent: '1002' })]
    const desk = await seated()
    const ids = (list: { conversation_id: string }[]) => list.map(({ conversation_id }) => conversation_id)
    expect([ids(desk.rings), ids(desk.offers), ids(desk.held)]).toEqual([['c2'], ['c3'], ['c1', 'c4']])
  })

  it('read the queue once for a burst of figures', async () => {
    await seated()
    const before = server.count(/\/queue$/)
    for (let waiting = 0; waiting < 50; waiting += 1) server.socket.receive({ type: 'queue', waiting, longest_s: 0, left: 0 })
    await after(REREAD_MS + 10)
    expect(server.count(/\/queue$/)).toBe(before + 1)
  })

  it('read left messages while there are any', async () => {
    const desk = await seated()
    expect(server.count(/scope=left/)).toBe(0)
    server.socket.receive({ type: 'queue', waiting: 0, longest_s: 0, left: 2 })
    await after(REREAD_MS)
    expect(desk.left).toBe(2)
    expect(server.count(/scope=left/)).toBe(1)
  })

  it('say what went wrong and recover', async () => {
    const desk = await seated()
    server.unreachable = true
    await desk.refresh()
    expect(desk.problem).toContain('连不上')
    server.unreachable = false
    await desk.refresh()
    expect(desk.problem).toBe('')
  })
})

describe('the connection', () => {
  it('greets with what is here, so that only the rest is sent', async () => {
    server.say('c1', 'customer', '一')
    server.say('c1', 'customer', '二')
    const desk = await seated()
    expect(server.socket.sent[0]).toEqual({ type: 'hello', seen: {} })
    await desk.open('c1')
    server.socket.drop()
    expect(desk.line).toBe('lost')
    await after(20_000)
    server.socket.onopen?.()
    expect(server.sockets.length).toBeGreaterThan(1)
    expect(server.socket.sent[0]).toEqual({ type: 'hello', seen: { c1: 2 } })
  })

  it('catches up after it was lost: nothing is missing, nothing doubled', async () => {
    server.say('c1', 'customer', '一')
    const desk = await seated()
    await desk.open('c1')
    server.socket.drop()
    server.say('c1', 'customer', '二')
    const third = server.say('c1', 'customer', '三')
    await after(20_000)
    server.ready()
    server.socket.receive({ type: 'message', conversation_id: 'c1', message: third })
    await after(REREAD_MS)
    expect(useTalks().open('c1').messages.map(({ seq }) => seq)).toEqual([1, 2, 3])
  })

  it('sends what was written meanwhile as soon as it is back', async () => {
    const desk = await seated()
    await desk.open('c1')
    server.unreachable = true
    await useTalks().say('c1', { text: '写在断线时' })
    server.socket.drop()
    server.unreachable = false
    await after(20_000)
    server.ready()
    await settled()
    expect(server.texts('c1')).toEqual(['写在断线时'])
  })

  it('beats for the agent, and counts as lost when nothing is heard any more', async () => {
    const desk = await seated()
    await after(10_000)
    expect(server.socket.sent).toContainEqual({ type: 'ping' })
    server.socket.receive({ type: 'pong' })
    await after(20_000)
    expect(desk.line).toBe('live')
    await after(20_000)
    expect(desk.line).toBe('lost')
    expect(server.sockets.length).toBeGreaterThan(1)
  })

  it('is over when nobody is signed in any more', async () => {
    const desk = await seated()
    server.socket.drop(4401)
    await after(60_000)
    expect(desk.line).toBe('ended')
    expect(server.sockets).toHaveLength(1)
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
    server.socket.receive({ type: 'chats', chats: [] })
    expect(desk.openId).toBeNull()
    expect(useTalks().talks.has('c1')).toBe(false)
    expect(useDrafts().of('c1').reply).toBe('写了一半')
  })

  it('that was just taken stays through a list that did not know it yet', async () => {
    server.chats = []
    const desk = await seated()
    await desk.claim('c7')
    server.socket.receive({ type: 'chats', chats: [] })
    expect(desk.openId).toBe('c7')
    await after(2_100)
    expect(desk.openId).toBeNull()
  })

  it('counts what nobody has looked at', async () => {
    server.chats = [chat('c1'), chat('c2', { unanswered: 3 })]
    const desk = await seated()
    await desk.open('c1')
    await hears('c1', '看着的')
    expect(desk.unread).toBe(3)
    await desk.open('c2')
    expect(desk.unread).toBe(0)
    await hears('c1', '没看到的')
    expect(desk.unread).toBe(1)
    await desk.open('c1')
    expect(desk.unread).toBe(0)
  })

  it('reads its dossier again when its state changes', async () => {
    const desk = await seated()
    await desk.open('c1')
    const before = server.count(/\/chats\/c1$/)
    server.socket.receive({ type: 'chats', chats: [chat('c1', { asks_consent: true })] })
    await after(1_000)
    expect(server.count(/\/chats\/c1$/)).toBe(before + 1)
  })

  it('is the next one up or down, round the end', async () => {
    server.chats = [chat('c1'), chat('c2'), chat('c3')]
    const desk = await seated()
    desk.move(1)
    expect(desk.openId).toBe('c1')
    desk.move(-1)
    expect(desk.openId).toBe('c3')
    desk.move(1)
    expect(desk.openId).toBe('c1')
  })

  it('is declined where it rings, or as a hand-over', async () => {
    server.chats = [chat('c2', { state: 'ringing' }), chat('c3', { agent: '1002', target_agent: '1001' })]
    const desk = await seated()
    await desk.refuse('c2')
    await desk.refuse('c3')
    expect(server.count(/c2\/decline$/, 'POST')).toBe(1)
    expect(server.count(/c3\/transfer\/decline$/, 'POST')).toBe(1)
    expect([...desk.rings, ...desk.offers]).toEqual([])
  })
})

describe('reading along', () => {
  it('hears a chat of somebody else until it ends', async () => {
    const desk = await seated()
    await desk.watch('c9')
    expect(server.socket.sent).toContainEqual({ type: 'watch', conversation_id: 'c9', last_seq: 0 })
    await hears('c9', '一')
    expect(useTalks().open('c9').messages).toHaveLength(1)
    desk.unwatch()
    expect(server.socket.sent).toContainEqual({ type: 'unwatch', conversation_id: 'c9' })
    expect(useTalks().talks.has('c9')).toBe(false)
  })

  it('goes on after the line was lost', async () => {
    const desk = await seated()
    server.say('c9', 'customer', '一')
    await desk.watch('c9')
    server.socket.drop()
    await after(20_000)
    server.ready()
    expect(server.socket.sent).toContainEqual({ type: 'watch', conversation_id: 'c9', last_seq: 1 })
  })
})

describe('the status', () => {
  it('follows what the server says, for example after missed rings', async () => {
    const desk = await seated()
    server.socket.receive({ type: 'agent', agent: { ...AGENT, status: 'busy', reason: '多次未接听' } })
    expect(desk.agent).toMatchObject({ status: 'busy', reason: '多次未接听' })
  })
})
