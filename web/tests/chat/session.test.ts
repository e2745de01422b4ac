import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createSession } from '../../widget/chat/session'
import type { Session } from '../../widget/chat/sessionTypes'
import { RESEND_FOR_MS } from '../../widget/chat/outbox'
import type { Options } from '../../widget/core/options'
import { openStore } from '../../widget/core/storage'
import type { Entry } from '../../widget/core/types'
import { createApi } from '../../widget/net/api'
import type { FakeServer } from '../support/fakeServer'
import { API, OPTIONS, pass, startServer } from '../support/widget'

let server: FakeServer
let arrived: Entry[]
let sessions: Session[]
let large: number

function newSession(identityToken: Options['identityToken'] = OPTIONS.identityToken): Session {
  const session = createSession({
    api: createApi(API),
    store: openStore(API),
    options: { ...OPTIONS, identityToken },
    elder: () => true,
    events: { arrived: (entry) => arrived.push(entry), failed: () => undefined, readsLarge: () => (large += 1) },
  })
  sessions.push(session)
  return session
}

beforeEach(() => {
  server = startServer()
  arrived = []
  sessions = []
  large = 0
})

afterEach(() => {
  sessions.forEach((session) => session.stop())
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const words = (session: Session) =>
  session.log.entries.map((entry) => (entry.blocks[0]?.type === 'text' ? entry.blocks[0].text : entry.blocks[0]?.type))
const stored = () => server.messages.map(({ blocks }) => (blocks[0]?.type === 'text' ? blocks[0].text : blocks[0]?.type))
const posts = (end: string) => server.requests.filter(({ method, path }) => method === 'POST' && path.endsWith(end))

describe('beginning', () => {
  it('opens a conversation once and tells the server about large type', async () => {
    const session = newSession()
    await Promise.all([session.start(), session.start()])
    expect(posts('/conversations').map(({ body }) => body)).toEqual([{ elder: true, channel: 'web' }])
    expect(words(session)).toEqual(['您好'])
    expect(arrived).toHaveLength(1)
    expect(session.state).toMatchObject({ phase: 'ready', config: { hotline: '400-000-0000' } })
  })

  it('shows the history after a reload without calling it new', async () => {
    const first = newSession()
    await first.start()
    first.send('怎么换卡')
    await pass()
    server.say('bot', [{ type: 'text', text: '这样换' }])
    first.stop()
    arrived = []
    const second = newSession()
    await second.start()
    expect(words(second)).toEqual(['您好', '怎么换卡', '这样换'])
    expect(arrived).toEqual([])
    expect(server.conversations).toBe(1)
    server.say('bot', [{ type: 'text', text: '还有' }])
    await pass()
    expect(arrived).toHaveLength(1)
  })

  it('begins anew when the server no longer knows the saved conversation', async () => {
    openStore(API).write('conversation', { id: 'old', token: 'x', feedback: { 3: 'up' } })
    const session = newSession()
    await session.start()
    expect(session.state).toMatchObject({ phase: 'ready', restarted: true, feedback: {} })
    expect(openStore(API).read('conversation')).toEqual({ id: 'c1', token: 't1', feedback: {}, elder: true, verified: false })
  })

  it('says that the service is down, tries again by itself, and keeps the bank\'s telephone number', async () => {
    openStore(API).write('config', server.config)
    server.unreachable = true
    const session = newSession()
    await session.start()
    expect(session.state).toMatchObject({ phase: 'down', config: { hotline: '400-000-0000' } })
    server.unreachable = false
    await pass(5_000)
    expect(session.state.phase).toBe('ready')
    expect(words(session)).toEqual(['您好'])
  })

  it('does not throw the saved conversation away because the server is down', async () => {
    await newSession().start()
    server.refusals = [{ path: /./, status: 503, code: 'store_unavailable', text: '' }]
    const session = newSession()
    await session.start()
    expect(session.state.phase).toBe('down')
    expect(openStore(API).read('conversation')).toMatchObject({ id: 'c1' })
  })
})

describe('sending', () => {
  let session: Session
  beforeEach(async () => {
    session = newSession()
    await session.start()
    await pass()
  })

  const last = () => session.log.entries.at(-1)

  it('shows the message at once and marks it when the server has it', async () => {
    session.send('你好')
    expect(last()).toMatchObject({ state: 'sending', seq: null })
    await pass()
    expect(last()).toMatchObject({ state: 'sent', seq: 2 })
  })

  it('sends nothing for blank text', async () => {
    session.send(' \n\u0000 ')
    await pass()
    expect(posts('/messages')).toEqual([])
    expect(words(session)).toEqual(['您好'])
  })

  it('keeps the order in which messages were written', async () => {
    for (const text of ['一', '二', '三']) session.send(text)
    await pass()
    expect(stored()).toEqual(['您好', '一', '二', '三'])
    expect(words(session)).toEqual(['您好', '一', '二', '三'])
  })

  it('counts a message once although its receipt got lost', async () => {
    server.echoes = false
    server.loseNextReceipt = true
    session.send('只有一次')
    await pass(10_000)
    expect(stored()).toEqual(['您好', '只有一次'])
    expect(words(session)).toEqual(['您好', '只有一次'])
    expect(last()?.state).toBe('sent')
    const ids = posts('/messages').map(({ body }) => (body as { client_id: string }).client_id)
    expect(ids.length).toBeGreaterThan(1)
    expect(new Set(ids).size).toBe(1)
  })

  it('marks a message as failed without a network, and sends it when the line is back', async () => {
    server.unreachable = true
    server.dropSockets()
    session.send('断网时写的')
    session.send('第二条')
    await pass(15_000)
    expect(session.log.entries.slice(1).map((entry) => entry.state)).toEqual(['failed', 'failed'])
    expect(session.state.connection).toBe('offline')
    server.unreachable = false
    await pass(40_000)
    expect(stored()).toEqual(['您好', '断网时写的', '第二条'])
    expect(words(session)).toEqual(['您好', '断网时写的', '第二条'])
    expect(last()?.state).toBe('sent')
  })

  it('leaves an old message to the customer', async () => {
    server.unreachable = true
    server.dropSockets()
    session.send('旧问题')
    await pass(RESEND_FOR_MS + 60_000)
    server.unreachable = false
    await pass(60_000)
    expect(stored()).toEqual(['您好'])
    expect(last()?.state).toBe('failed')
    session.resend(last()?.key ?? '')
    await pass()
    expect(stored()).toEqual(['您好', '旧问题'])
  })

  it('shows why the server refused, and does not insist', async () => {
    server.refusals = [{ path: /POST .*messages/, status: 429, code: 'rate_limited', text: '您发得太快了。' }]
    session.send('太快')
    await pass(60_000)
    expect(last()).toMatchObject({ state: 'failed', error: '您发得太快了。' })
    expect(posts('/messages')).toHaveLength(1)
    server.refusals = []
    session.resend(last()?.key ?? '')
    expect(last()).toMatchObject({ state: 'sending', error: null })
    await pass()
    expect(last()?.state).toBe('sent')
  })

  it('sends the id of a button, never its words', async () => {
    session.choose('b7', '补卡与换卡')
    expect(words(session).at(-1)).toBe('补卡与换卡')
    await pass()
    expect(posts('/messages')[0]?.body).toEqual({ client_id: expect.any(String), button_id: 'b7' })
  })

  it('replaces what was typed by the masked copy even when it is not echoed', async () => {
    server.echoes = false
    server.mask = () => ({ text: '卡号 ****0128', masked: ['card'] })
    session.send('卡号 6222021234567890128')
    await pass()
    expect(words(session)).toEqual(['您好', '卡号 ****0128'])
  })

  it('moves an unsent message to a new conversation when the old one is lost', async () => {
    server.conversations = 5
    session.send('请继续')
    await pass(2_000)
    expect(session.state.restarted).toBe(true)
    expect(stored()).toEqual(['您好', '请继续'])
    expect(words(session)).toEqual(['您好', '请继续'])
  })

  it('does not open conversations endlessly for a server that forgets them at once', async () => {
    server.refusals = [{ path: /messages/, status: 404, code: 'conversation_not_found', text: '' }]
    session.send('你好')
    await pass(20_000)
    expect(posts('/conversations').length).toBeLessThanOrEqual(2)
  })
})

describe('typing sign', () => {
  it('follows the server, and a message ends it', async () => {
    const session = newSession()
    await session.start()
    await pass()
    server.live.forEach((socket) => socket.receive({ type: 'typing', on: true }))
    expect(session.state.typing).toBe(true)
    server.say('bot', [{ type: 'text', text: '好' }])
    expect(session.state.typing).toBe(false)
  })

  it('does not stay for ever', async () => {
    const session = newSession()
    await session.start()
    await pass()
    server.live.forEach((socket) => socket.receive({ type: 'typing', on: true }))
    await pass(12_000)
    expect(session.state.typing).toBe(false)
  })

  it('is shown after sending where only polling works', async () => {
    server.socketsBlocked = true
    const session = newSession()
    await session.start()
    await pass(3_000)
    session.send('你好')
    await pass()
    expect(session.state.typing).toBe(true)
    server.store('bot', '好')
    await pass(3_000)
    expect(session.state.typing).toBe(false)
  })
})

describe('asking for a human', () => {
  it('shows what the server answers, over a WebSocket or without', async () => {
    for (const blocked of [false, true]) {
      server.socketsBlocked = blocked
      const session = newSession()
      await session.start()
      await pass()
      await session.requestHandoff()
      await pass()
      expect(words(session).slice(-2)).toEqual(['我要转人工', 'handoff'])
      expect(session.state.handoff).toBe('idle')
      session.stop()
    }
  })

  it('repeats a failed request with the same id', async () => {
    const session = newSession()
    await session.start()
    server.refusals = [{ path: /handoff/, status: 503, code: 'store_unavailable', text: '系统正忙。' }]
    await session.requestHandoff()
    expect(session.state).toMatchObject({ handoff: 'failed', handoffError: '系统正忙。' })
    server.refusals = []
    await session.requestHandoff()
    await session.requestHandoff()
    const ids = posts('/handoff').map(({ body }) => (body as { client_id: string }).client_id)
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).not.toBe(ids[1])
  })

  it('sends one request for impatient clicks', async () => {
    const session = newSession()
    await session.start()
    await Promise.all([session.requestHandoff(), session.requestHandoff(), session.requestHandoff()])
    expect(posts('/handoff')).toHaveLength(1)
  })
})

describe('opinions and new conversations', () => {
  it('remembers an opinion over a reload', async () => {
    const session = newSession()
    await session.start()
    expect(await session.rate(1, 'down', '答非所问')).toBe(true)
    expect(posts('/feedback')[0]?.body).toEqual({ seq: 1, value: 'down', reason: '答非所问' })
    const again = newSession()
    await again.start()
    expect(again.state.feedback).toEqual({ 1: 'down' })
  })

  it('does not claim an opinion that did not arrive', async () => {
    const session = newSession()
    await session.start()
    server.unreachable = true
    expect(await session.rate(1, 'up')).toBe(false)
    expect(session.state.feedback).toEqual({})
  })

  it('starts over with an empty list and a new token', async () => {
    const session = newSession()
    await session.start()
    session.send('旧')
    await pass()
    await session.startOver()
    await pass()
    expect(words(session)).toEqual(['您好'])
    expect(session.state.restarted).toBe(false)
    expect(openStore(API).read('conversation')).toMatchObject({ id: 'c2', token: 't2' })
    session.send('新')
    await pass()
    expect(stored()).toEqual(['您好', '新'])
  })

  it('stores no words of the conversation in the browser', async () => {
    const session = newSession()
    await session.start()
    session.send('密码是 123456')
    await pass()
    const everything = Object.keys(localStorage).map((key) => localStorage.getItem(key)).join()
    expect(everything).not.toContain('123456')
    expect(Object.keys(localStorage).sort()).toEqual([
      'nuoyan:https://chat.bank.example:config',
      'nuoyan:https://chat.bank.example:conversation',
    ])
  })
})

describe('the customer of the page', () => {
  let customer: string | null
  let count: number
  const fresh = () => Promise.resolve(customer && `${customer}.${(count += 1)}`)

  beforeEach(() => {
    customer = 'lin'
    count = 0
  })

  it('is known from the first moment', async () => {
    const session = newSession(fresh)
    await session.start()
    expect(posts('/identity').map(({ body }) => body)).toEqual([{ identity_token: 'lin.1' }])
    expect(server).toMatchObject({ customer: 'lin', signedIn: true })
    expect(session.state).toMatchObject({ verified: true, name: '林**' })
  })

  it('that the server does not accept is served like anybody else', async () => {
    customer = 'forged'
    const session = newSession(fresh)
    await session.start()
    expect(session.state).toMatchObject({ phase: 'ready', verified: false })
    expect(server.conversations).toBe(1)
  })

  it('is none when the page has trouble telling', async () => {
    const session = newSession(() => Promise.reject(new Error('x')))
    await session.start()
    expect(session.state).toMatchObject({ phase: 'ready', verified: false })
  })

  it('may sign in while talking, once for each word of the page', async () => {
    customer = null
    const session = newSession(() => Promise.resolve(customer && 'lin.1'))
    await session.start()
    session.send('怎么换卡')
    customer = 'lin'
    await session.identify()
    await session.identify()
    expect(posts('/identity').map(({ body }) => body)).toEqual([{ identity_token: 'lin.1' }])
    expect(session.state).toMatchObject({ verified: true, name: '林**', caseChanges: 1 })
    expect(words(session)).toContain('怎么换卡')
    expect(large).toBe(0)
  })

  it('reads large type when the bank says so', async () => {
    customer = null
    const session = newSession(fresh)
    await session.start()
    customer = 'old'
    await session.identify()
    expect(large).toBe(1)
  })

  it('who signs out leaves nothing to read', async () => {
    const session = newSession(fresh)
    await session.start()
    session.send('我的投诉呢')
    await pass()
    customer = null
    await session.identify()
    expect(server).toMatchObject({ conversations: 2, signedIn: false })
    expect(words(session)).toEqual(['您好'])
    expect(session.state.verified).toBe(false)
  })

  it('who has signed out meanwhile is not shown to the next at this device', async () => {
    const first = newSession(fresh)
    await first.start()
    first.send('我的投诉呢')
    await pass()
    first.stop()
    customer = null
    arrived = []
    const second = newSession(fresh)
    const seen: string[][] = []
    const watch = setInterval(() => seen.push(words(second).map(String)), 0)
    await second.start()
    clearInterval(watch)
    expect(seen.flat()).not.toContain('我的投诉呢')
    expect(words(second)).toEqual(['您好'])
    expect(posts('/identity').at(-1)?.body).toEqual({ identity_token: null })
  })

  it('who comes after another gets a talk of their own', async () => {
    const session = newSession(fresh)
    await session.start()
    session.send('我的投诉呢')
    await pass()
    customer = 'he'
    await session.identify()
    expect(server).toMatchObject({ conversations: 2, customer: 'he', signedIn: true })
    expect(words(session)).toEqual(['您好'])
  })

  it('stays signed in over a reload', async () => {
    const first = newSession(fresh)
    await first.start()
    first.stop()
    const second = newSession(fresh)
    await second.start()
    await pass()
    expect(server.conversations).toBe(1)
    expect(second.state).toMatchObject({ verified: true, name: '林**' })
  })
})
