import { afterEach, describe, expect, it, vi } from 'vitest'

import { ApiError, CALL_TIMEOUT_MS, createApi } from '../../widget/net/api'
import { API, pass, startServer } from '../support/widget'

const who = { id: 'c1', token: 't1' }

afterEach(() => vi.useRealTimers())

describe('calls to the server', () => {
  it('carry the token in a header and send no cookies', async () => {
    const fetcher = vi.fn(async () => new Response(JSON.stringify({ seq: 1, client_id: 'x', masked: [] })))
    await createApi(API, fetcher).send(who, { client_id: 'x', text: '你好' })
    const [url, init] = fetcher.mock.calls[0] as unknown as [string, RequestInit]
    expect(url).toBe(`${API}/api/conversations/c1/messages`)
    expect(init.credentials).toBe('omit')
    expect(init.headers).toMatchObject({ Authorization: 'Bearer t1' })
  })

  it('read a long history page by page', async () => {
    const server = startServer()
    const api = createApi(API)
    await api.start(false, 'web')
    for (let count = 0; count < 449; count += 1) server.say('bot', [{ type: 'text', text: String(count) }])
    const messages = await api.messagesAfter(who, 0)
    expect(messages.map((message) => message.seq)).toEqual(Array.from({ length: 450 }, (_, index) => index + 1))
  })

  it('give the words of the server for a refusal', async () => {
    const server = startServer()
    server.refusals = [{ path: /./, status: 429, code: 'rate_limited', text: '您发得太快了。' }]
    const error = await createApi(API).start(false, 'web').catch((cause: unknown) => cause)
    expect(error).toMatchObject({ status: 429, code: 'rate_limited', text: '您发得太快了。', isTemporary: false })
  })

  it.each([
    ['no network', async () => Promise.reject(new TypeError('Failed to fetch'))],
    ['an answer that is no JSON', async () => new Response('<html>', { status: 200 })],
    ['a broken gateway', async () => new Response('<html>', { status: 502 })],
  ])('count %s as temporary', async (_name, fetcher) => {
    const error = await createApi(API, fetcher as typeof fetch).config().catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ isTemporary: true, isGone: false })
  })

  it('are given up after a deadline', async () => {
    startServer()
    const fetcher = (_url: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      })
    const outcome = createApi(API, fetcher as typeof fetch).config().catch((cause: unknown) => cause)
    await pass(CALL_TIMEOUT_MS)
    expect(await outcome).toMatchObject({ status: 0, isTemporary: true })
  })
})
