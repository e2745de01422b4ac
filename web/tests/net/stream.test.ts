import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createLog, type MessageLog } from '../../widget/chat/log'
import { createApi } from '../../widget/net/api'
import { waitingTime } from '../../widget/net/backoff'
import { PING_EVERY_MS, PONG_TIMEOUT_MS } from '../../widget/net/socket'
import { createStream, type Connection, type Stream } from '../../widget/net/stream'
import { FakeSocket, type FakeServer } from '../support/fakeServer'
import { API, pass, startServer } from '../support/widget'

let server: FakeServer
let log: MessageLog
let stream: Stream
let states: Connection[]
let arrivals: number[]
let gone: number

beforeEach(async () => {
  server = startServer()
  log = createLog()
  states = []
  arrivals = []
  gone = 0
  await server.fetch(`${API}/api/conversations`, { method: 'POST' })
  server.requests = []
  stream = createStream(createApi(API), { id: 'c1', token: 't1' }, {
    position: () => ({ cursor: log.cursor, highest: log.highest }),
    message: (message) => {
      arrivals.push(message.seq)
      log.receive(message)
    },
    settled: log.settle,
    typing: () => undefined,
    caseChanged: () => undefined,
    desk: () => undefined,
    connection: (state) => states.push(state),
    gone: () => (gone += 1),
  })
})

afterEach(() => {
  stream.stop()
  vi.useRealTimers()
})

const seqs = () => log.entries.map((entry) => entry.seq)
const polls = () => server.requests.filter((request) => request.method === 'GET').length
const hellos = () => server.sockets.flatMap((socket) => socket.sent.filter((frame) => frame.type === 'hello'))

describe('waiting times', () => {
  it('double up to a limit, between half and the whole', () => {
    const times = { base: 800, limit: 30_000 }
    expect([1, 2, 3, 9].map((attempt) => waitingTime(attempt, times, () => 1))).toEqual([800, 1600, 3200, 30_000])
    expect([1, 2, 3, 9].map((attempt) => waitingTime(attempt, times, () => 0))).toEqual([400, 800, 1600, 15_000])
  })
})

describe('live connection', () => {
  it('greets with the token in a frame, never in the address, and receives in order', async () => {
    stream.start()
    await pass()
    server.say('bot', [{ type: 'text', text: '二' }])
    expect(server.sockets[0]?.url).toBe('wss://chat.bank.example/api/conversations/c1/ws')
    expect(hellos()).toEqual([{ type: 'hello', token: 't1', last_seq: 0 }])
    expect(seqs()).toEqual([1, 2])
    expect(states).toEqual(['online'])
  })

  it('does not poll while it lives', async () => {
    stream.start()
    await pass(60_000)
    expect(polls()).toBe(0)
  })

  it('resumes after the last number it has, without doubles', async () => {
    stream.start()
    await pass()
    server.unreachable = true
    server.dropSockets()
    await pass()
    server.store('bot', '断线时')
    server.unreachable = false
    await pass(5_000)
    expect(hellos().at(-1)).toMatchObject({ last_seq: expect.any(Number) })
    expect(seqs()).toEqual([1, 2])
    expect(log.entries).toHaveLength(2)
    expect(states.at(-1)).toBe('online')
    expect(states).toContain('offline')
  })

  it('waits longer after every failed attempt', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1)
    server.unreachable = true
    stream.start()
    await pass()
    const attempts: number[] = []
    for (let second = 0; second < 30; second += 1) {
      await pass(1_000)
      attempts.push(server.sockets.length)
    }
    // 0.8, 1.6, 3.2, 6.4, 12.8 s after the first
    expect(attempts[0]).toBe(2)
    expect(attempts[2]).toBe(3)
    expect(attempts[5]).toBe(4)
    expect(attempts[12]).toBe(5)
    expect(attempts[29]).toBe(6)
  })

  it('gives up a connection that stays silent after a ping', async () => {
    stream.start()
    await pass()
    const [socket] = server.sockets
    if (!socket) throw new Error('no socket')
    socket.receive = () => undefined
    await pass(PING_EVERY_MS + PONG_TIMEOUT_MS)
    expect(socket.sent.at(-1)).toEqual({ type: 'ping' })
    expect(socket.closed).toBe(true)
    await pass(2_000)
    expect(server.live).toHaveLength(1)
  })

  it('fills a jump in the numbers over REST', async () => {
    stream.start()
    await pass()
    server.store('bot', '漏掉的')
    server.say('bot', [{ type: 'text', text: '三' }])
    expect(seqs()).toEqual([1, 3])
    await pass()
    expect(seqs()).toEqual([1, 2, 3])
    expect(log.cursor).toBe(3)
  })

  it('asks again when filling a jump failed', async () => {
    stream.start()
    await pass()
    server.store('bot', '漏掉的')
    server.refusals = [{ path: /^GET .*messages/, status: 503, code: 'store_unavailable', text: '' }]
    server.say('bot', [{ type: 'text', text: '三' }])
    await pass()
    server.refusals = []
    await pass(10_000)
    expect(seqs()).toEqual([1, 2, 3])
  })

  it('comes back at once when the browser says it is online', async () => {
    server.unreachable = true
    stream.start()
    await pass(20_000)
    server.unreachable = false
    window.dispatchEvent(new Event('online'))
    await pass()
    expect(server.live).toHaveLength(1)
    expect(states.at(-1)).toBe('online')
  })

  it('stops for good', async () => {
    stream.start()
    await pass()
    stream.stop()
    server.say('bot', [{ type: 'text', text: '二' }])
    await pass(60_000)
    expect(seqs()).toEqual([1])
    expect(server.sockets).toHaveLength(1)
    expect(polls()).toBe(0)
  })

  it('survives a content policy that forbids WebSockets', async () => {
    vi.stubGlobal(
      'WebSocket',
      class {
        constructor() {
          throw new DOMException('refused', 'SecurityError')
        }
      },
    )
    stream.start()
    await pass(3_000)
    expect(seqs()).toEqual([1])
    expect(states.at(-1)).toBe('online')
  })
})

describe('polling where WebSockets are blocked', () => {
  beforeEach(() => (server.socketsBlocked = true))

  it('receives everything once and counts as online', async () => {
    stream.start()
    await pass()
    server.store('bot', '二')
    await pass(9_000)
    server.store('bot', '三')
    await pass(9_000)
    expect(seqs()).toEqual([1, 2, 3])
    expect([...arrivals].sort()).toEqual([1, 2, 3])
    expect(states.every((state) => state === 'online')).toBe(true)
  })

  it('polls quickly while an answer is expected', async () => {
    stream.start()
    await pass(9_000)
    const before = polls()
    stream.expectAnswer()
    await pass(9_000)
    expect(polls() - before).toBeGreaterThanOrEqual(5)
  })

  it('goes back to the WebSocket when it works again', async () => {
    stream.start()
    await pass(10_000)
    server.socketsBlocked = false
    await pass(31_000)
    expect(server.live).toHaveLength(1)
    const before = polls()
    await pass(60_000)
    expect(polls()).toBe(before)
  })

  it('begins beside a WebSocket that hangs', async () => {
    class Hanging extends FakeSocket {
      override send(): void {}
    }
    vi.stubGlobal('WebSocket', Hanging)
    server.socketsBlocked = false
    stream.start()
    await pass(3_000)
    expect(seqs()).toEqual([1])
  })

  it('tells that the conversation is gone, and stops', async () => {
    server.conversations = 7
    stream.start()
    await pass(1_000)
    expect(gone).toBe(1)
    const before = server.requests.length
    await pass(60_000)
    expect(server.requests).toHaveLength(before)
  })

  it('takes the error page of a proxy for a broken line, not for a lost conversation', async () => {
    server.refusals = [{ path: /./, status: 404, code: 'not_ours', text: '' }]
    stream.start()
    await pass(10_000)
    expect(gone).toBe(0)
    server.refusals = []
    await pass(30_000)
    expect(seqs()).toEqual([1])
  })
})
