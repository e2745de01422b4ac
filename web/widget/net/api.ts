/** The customer's HTTP interface. Every call has a deadline; every failure is an `ApiError`. */
import type { Ack, BankConfig, ServerMessage, Verdict } from '../core/types'

/** How long the server may take before a call counts as failed. */
export const CALL_TIMEOUT_MS = 12_000
const PAGE_SIZE = 200

/** A call that did not succeed; `status` is 0 when there was no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** The server's words for the customer, or empty. */
    readonly text: string,
  ) {
    super(code)
    this.name = 'ApiError'
  }

  /** Whether trying again later can help without the customer changing anything. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status >= 500
  }

  /** Whether the server does not know this conversation (any more) or the token is not its own. */
  get isGone(): boolean {
    return this.code === 'conversation_not_found'
  }
}

export interface Credentials {
  id: string
  token: string
}

export interface StartedConversation {
  conversation_id: string
  token: string
  messages?: ServerMessage[]
}

/** Whom the conversation is with, from now on. */
export interface Identified {
  identity: string
  /** Masked, like 王**. */
  name?: string
  elder?: boolean
}

export interface OutgoingMessage {
  client_id: string
  text?: string
  button_id?: string
}

export interface Request {
  /** Sent as JSON; a form as it is. */
  body?: unknown
  token?: string | undefined
  timeout?: number
}

export interface Api {
  /** Any other call of the customer's interface; the answer is its JSON. */
  call<T>(method: string, path: string, request?: Request): Promise<T>
  /** The same for an answer that is no JSON. */
  fetch(method: string, path: string, request?: Request): Promise<Response>
  /** Address of a conversation in the interface. */
  pathOf(who: Credentials): string
  config(): Promise<BankConfig>
  start(elder: boolean, channel: string): Promise<StartedConversation>
  /** Sign the customer in with the word of the bank's page, or out. */
  identify(who: Credentials, identity: string | null): Promise<Identified>
  /** All messages after `seq`, in order. */
  messagesAfter(who: Credentials, seq: number): Promise<ServerMessage[]>
  send(who: Credentials, message: OutgoingMessage): Promise<Ack>
  /** Ask for a human; the request and the answer to it arrive as messages. */
  handoff(who: Credentials, clientId: string): Promise<Ack>
  /** Tell that large type was switched on or off. */
  elder(who: Credentials, elder: boolean): Promise<void>
  feedback(who: Credentials, seq: number, value: Verdict, reason?: string): Promise<void>
  socketUrl(who: Credentials): string
}

export function createApi(base: string, fetcher: typeof fetch = (...args) => fetch(...args)): Api {
  async function request(method: string, path: string, { body, token, timeout }: Request = {}): Promise<Response> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), timeout ?? CALL_TIMEOUT_MS)
    const isForm = body instanceof FormData
    try {
      const response = await fetcher(base + path, {
        method,
        signal: abort.signal,
        credentials: 'omit',
        cache: 'no-store',
        headers: {
          // A form names its own boundary.
          ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      })
      if (!response.ok) throw await refusal(response)
      return response
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0, 'unreachable', '')
    } finally {
      clearTimeout(timer)
    }
  }

  async function call<T>(method: string, path: string, options?: Request): Promise<T> {
    const response = await request(method, path, options)
    if (response.status === 204) return undefined as T
    try {
      return (await response.json()) as T
    } catch {
      throw new ApiError(0, 'unreachable', '')
    }
  }

  const pathOf = (who: Credentials): string => `/api/conversations/${encodeURIComponent(who.id)}`

  return {
    call,
    fetch: request,
    pathOf,
    config: () => call('GET', '/api/widget/config'),
    start: (elder, channel) => call('POST', '/api/conversations', { body: { elder, channel } }),
    identify: (who, identity) =>
      call('POST', `${pathOf(who)}/identity`, { body: { identity_token: identity }, token: who.token }),
    async messagesAfter(who, seq) {
      const all: ServerMessage[] = []
      for (let after = seq; ; ) {
        const path = `${pathOf(who)}/messages?after=${after}&limit=${PAGE_SIZE}`
        const page = await call<{ messages: ServerMessage[] }>('GET', path, { token: who.token })
        all.push(...page.messages)
        const last = page.messages[page.messages.length - 1]
        if (page.messages.length < PAGE_SIZE || !last || last.seq <= after) return all
        after = last.seq
      }
    },
    send: (who, message) => call('POST', `${pathOf(who)}/messages`, { body: message, token: who.token }),
    handoff: (who, clientId) =>
      call('POST', `${pathOf(who)}/handoff`, { body: { client_id: clientId }, token: who.token }),
    elder: (who, elder) => call('POST', `${pathOf(who)}/elder`, { body: { elder }, token: who.token }),
    feedback: (who, seq, value, reason) =>
      call('POST', `${pathOf(who)}/feedback`, { body: { seq, value, ...(reason ? { reason } : {}) }, token: who.token }),
    socketUrl: (who) => `${base.replace(/^http/, 'ws')}${pathOf(who)}/ws`,
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { error?: { code?: unknown; text?: unknown } } | null
  // A proxy's own error page has no code of ours.
  const { code, text } = body?.error ?? {}
  return new ApiError(
    response.status,
    typeof code === 'string' ? code : 'refused',
    typeof text === 'string' ? text : '',
  )
}
