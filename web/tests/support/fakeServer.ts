/** The server's side of the contract in memory: REST by a `fetch`, WebSockets by a class. */
import type { Block, DeskState, Role, ServerMessage } from '../../widget/core/types'
import type { Case, Found, Topic } from '../../widget/panels/api'

interface StoredAck {
  seq: number
  client_id: string
  masked: string[]
}

export class FakeServer {
  messages: ServerMessage[] = []
  sockets: FakeSocket[] = []
  requests: { method: string; path: string; body: unknown; token: string | null }[] = []
  /** Every request fails as if there were no network. */
  unreachable = false
  /** Requests whose path matches are answered with this error. */
  refusals: { path: RegExp; status: number; code: string; text: string }[] = []
  /** The next message is stored, but its receipt gets lost. */
  loseNextReceipt = false
  socketsBlocked = false
  /** Whether own messages come back over the WebSocket. */
  echoes = true
  conversations = 0
  welcome: Block[] | null = [{ type: 'text', text: '您好' }]
  config = { bank_name: '诺言银行', hotline: '400-000-0000', agent_hours: '每日 8:00–22:00', languages: ['zh-CN', 'zh-TW', 'en'] }
  mask: (text: string) => { text: string; masked: string[] } = (text) => ({ text, masked: [] })
  /** What a search finds, by what is searched for. */
  found: Record<string, Found[]> = {}
  topics: Record<string, Topic> = {}
  cases: Case[] = []
  /** Whose the conversation is, and whether they are signed in now. */
  customer: string | null = null
  signedIn = false
  private usedTokens = new Set<string>()
  private acks = new Map<string, StoredAck>()

  say(role: Role, blocks: Block[], extra: Partial<ServerMessage> = {}): ServerMessage {
    const message: ServerMessage = {
      seq: this.messages.length + 1,
      role,
      blocks,
      created_at: '2026-11-23T02:00:00Z',
      ...extra,
    }
    this.messages.push(message)
    if (role !== 'customer' || this.echoes) this.broadcast(message)
    return message
  }

  /** Store without telling any connection, as while the line is down. */
  store(role: Role, text: string): ServerMessage {
    const open = this.sockets
    this.sockets = []
    const message = this.say(role, [{ type: 'text', text }])
    this.sockets = open
    return message
  }

  broadcast(message: ServerMessage): void {
    for (const socket of this.live) socket.receive({ type: 'message', message })
  }

  get live(): FakeSocket[] {
    return this.sockets.filter((socket) => socket.greeted && !socket.closed)
  }

  dropSockets(): void {
    for (const socket of this.sockets) socket.end()
  }

  fetch = async (address: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(address))
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : (init.body ?? null)
    const method = init.method ?? 'GET'
    const token = new Headers(init.headers).get('Authorization')
    this.requests.push({ method, path: url.pathname, body, token })
    if (this.unreachable) throw new TypeError('Failed to fetch')
    const refusal = this.refusals.find(({ path }) => path.test(`${method} ${url.pathname}`))
    if (refusal) return answer(refusal.status, { error: { code: refusal.code, text: refusal.text } })
    return this.route(method, url, body as Record<string, string>)
  }

  private route(method: string, url: URL, body: Record<string, string>): Response {
    const path = url.pathname
    if (path === '/api/widget/config') return answer(200, this.config)
    if (path === '/api/conversations') return this.begin()
    if (path === '/api/knowledge/search') return answer(200, { results: this.found[url.searchParams.get('q') ?? ''] ?? [] })
    if (path.startsWith('/api/knowledge/topics/')) {
      const topic = this.topics[path.split('/').pop() ?? '']
      return topic ? answer(200, topic) : notFound()
    }
    if (!path.startsWith(`/api/conversations/c${this.conversations}/`)) return notFound()
    if (path.endsWith('/messages') && method === 'GET') {
      const after = Number(url.searchParams.get('after'))
      const limit = Number(url.searchParams.get('limit'))
      const messages = this.messages.filter((message) => message.seq > after).slice(0, limit)
      return answer(200, { messages, last_seq: this.messages.length })
    }
    if (path.endsWith('/messages')) return this.accept(body)
    if (path.endsWith('/leave')) {
      const ack = this.accept(body)
      this.say('system', [{ type: 'handoff', state: 'message', text: '人工客服会在服务时间内答复。' }])
      return ack
    }
    if (path.endsWith('/handoff')) {
      const ack = this.accept({ client_id: body.client_id ?? '', text: body.text ?? '我要转人工' })
      this.say('system', [{ type: 'handoff', state: 'message', text: '人工客服会在服务时间内答复。' }])
      return ack
    }
    if (/\/(feedback|elder|rating)$/.test(path)) return new Response(null, { status: 204 })
    if (path.endsWith('/identity')) return this.identify(body.identity_token ?? null)
    if (path.includes('/cases')) return this.casesRoute(method, path, body)
    return notFound()
  }

  private casesRoute(method: string, path: string, body: Record<string, string>): Response {
    const [, number, what] = path.split('/cases')[1]?.split('/') ?? []
    if (!number) return answer(200, { cases: this.cases })
    const found = this.cases.find((one) => one.number === number)
    if (!found) return answer(404, { error: { code: 'case_not_found', text: '没有找到这件事项。' } })
    if (what === 'files' && method === 'GET') return new Response('content')
    if (what === 'actions') {
      const done = { ...found, can: { ...found.can, [body.action ?? '']: false } }
      this.cases = this.cases.map((one) => (one === found ? done : one))
      return answer(200, done)
    }
    const entry = { at: '2026-11-26 10:00', text: what === 'files' ? '您上传了文件' : `您补充：${body?.text}` }
    const now = { ...found, timeline: [...found.timeline, entry] }
    this.cases = this.cases.map((one) => (one === found ? now : one))
    return what === 'files' ? answer(201, { file: {}, case: now }) : answer(200, now)
  }

  /** Tell open windows who speaks. */
  pushDesk(state: Partial<DeskState>): void {
    const whole = { owner: 'bot', agent: null, place: null, wait_s: null, rating: null, left: null, ...state }
    for (const socket of this.live) socket.receive({ type: 'desk', ...whole })
  }

  /** Tell open windows that a case has changed. */
  pushCase(number: string): void {
    for (const socket of this.live) socket.receive({ type: 'case', number, status: '' })
  }

  /** Who a token is for: `<customer>.<number>`; each counts once. */
  private customerOf(token: string): string | null {
    if (this.usedTokens.has(token) || token.startsWith('forged')) return null
    return token.split('.')[0] ?? null
  }

  private identify(token: string | null): Response {
    if (token === null) {
      this.signedIn = false
      return answer(200, { identity: 'anonymous' })
    }
    const customer = this.customerOf(token)
    if (!customer) return answer(401, { error: { code: 'identity_refused', text: '暂时无法确认您的登录身份。' } })
    if (this.customer && this.customer !== customer) {
      return answer(409, { error: { code: 'identity_conflict', text: '这个会话属于另一位客户。' } })
    }
    this.usedTokens.add(token)
    this.customer = customer
    this.signedIn = true
    return answer(200, { identity: 'verified', name: '林**', elder: customer === 'old' })
  }

  private begin(): Response {
    this.customer = null
    this.signedIn = false
    this.conversations += 1
    this.messages = []
    if (this.welcome) this.say('bot', this.welcome)
    return answer(201, {
      conversation_id: `c${this.conversations}`,
      token: `t${this.conversations}`,
      messages: this.messages,
    })
  }

  private accept(body: Record<string, string>): Response {
    const clientId = body.client_id ?? ''
    const known = this.acks.get(clientId)
    if (known) return answer(202, known)
    const { text, masked } = this.mask(body.text ?? `按钮 ${body.button_id}`)
    const message = this.say('customer', [{ type: 'text', text }], { client_id: clientId, masked })
    const ack = { seq: message.seq, client_id: clientId, masked }
    this.acks.set(clientId, ack)
    if (this.loseNextReceipt) {
      this.loseNextReceipt = false
      throw new TypeError('Failed to fetch')
    }
    return answer(202, ack)
  }
}

/** Stands in for the browser's WebSocket and is answered by the server it was made for. */
export class FakeSocket {
  static server: FakeServer
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onerror: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  greeted = false
  closed = false
  sent: { type: string; [key: string]: unknown }[] = []

  constructor(readonly url: string) {
    const { server } = FakeSocket
    server.sockets.push(this)
    queueMicrotask(() => {
      if (server.socketsBlocked || server.unreachable) this.end()
      else if (!this.closed) this.onopen?.()
    })
  }

  send(raw: string): void {
    const frame = JSON.parse(raw) as { type: string; last_seq: number }
    this.sent.push(frame)
    if (frame.type === 'ping') this.receive({ type: 'pong' })
    if (frame.type !== 'hello') return
    this.greeted = true
    const { messages } = FakeSocket.server
    this.receive({ type: 'ready', last_seq: messages.length })
    for (const message of messages.filter(({ seq }) => seq > frame.last_seq)) {
      this.receive({ type: 'message', message })
    }
  }

  receive(frame: object): void {
    if (!this.closed) this.onmessage?.({ data: JSON.stringify(frame) })
  }

  end(): void {
    if (this.closed) return
    this.closed = true
    this.onclose?.()
  }

  close(): void {
    this.closed = true
  }
}

function answer(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
}

function notFound(): Response {
  return answer(404, { error: { code: 'conversation_not_found', text: '没有找到这次对话。' } })
}
