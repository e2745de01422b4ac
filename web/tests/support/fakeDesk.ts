/** The desk's side of the server in memory: REST by a `fetch`, frames by a `WebSocket`. */
import { vi } from 'vitest'

import type { Agent, AgentMessage, Chat, Dossier, Figures, MyDesk } from '../../console/api/deskTypes'

export const FIGURES: Figures = { sla_accept_s: 100, sla_first_reply_s: 20, sla_reply_s: 40, wrap_up_s: 300 }

export const AGENT: Agent = {
  no: '1001', name: '林晓雯', status: 'online', reason: null, since: '2026-11-26T00:00:00Z', skills: ['card'], capacity: 5, load: 1, wrapping_up: 0,
}

export function chat(id: string, values: Partial<Chat> = {}): Chat {
  return {
    conversation_id: id, handoff_id: `h-${id}`, state: 'human', outcome: null, reason: 'customer_request', reason_name: '客户要求人工',
    clause: '5.2.2.2', skill: 'card', skill_name: '银行卡', priority: 'normal', first: false, agent: '1001', target_agent: null, place: null,
    identity: 'anonymous', elder: false, channel: 'web', requested_at: '2026-11-26T00:00:00Z', waiting_since: '2026-11-26T00:00:00Z',
    ring_until: null, accepted_at: null, first_reply_at: null, ended_at: null, closed_at: null,
    clocks: { bot_s: 60, queue_s: 30, human_s: 10, wrap_up_s: 0, running: 'human' }, sla: null, last: null, unanswered: 0, mood: 'calm',
    asks_consent: false, case_number: null, disposition: null, ...values,
  }
}

export class FakeDesk {
  chats: Chat[] = [chat('c1')]
  waiting: Chat[] = []
  log: Record<string, AgentMessage[]> = { c1: [] }
  calls: { method: string; path: string; body: Record<string, unknown> | null }[] = []
  unreachable = false
  /** Answers to calls whose path matches, used once each. */
  refusals: { path: RegExp; status: number; text: string }[] = []
  /** The next message is stored, but its answer gets lost. */
  loseNextAnswer = false
  sockets: FakeDeskSocket[] = []
  date = ''

  constructor() {
    const sockets = this.sockets
    vi.stubGlobal('Worker', undefined)
    vi.stubGlobal('fetch', (path: string, init: RequestInit = {}) => this.serve(path, init))
    vi.stubGlobal(
      'WebSocket',
      class extends FakeDeskSocket {
        constructor() {
          super()
          sockets.push(this)
        }
      },
    )
  }

  get socket(): FakeDeskSocket {
    return this.sockets[this.sockets.length - 1] as FakeDeskSocket
  }

  say(id: string, role: AgentMessage['role'], text: string, extra: Partial<AgentMessage> = {}): AgentMessage {
    const log = (this.log[id] ??= [])
    const created_at = `2026-11-26T01:00:${String(log.length % 60).padStart(2, '0')}Z`
    const message: AgentMessage = { seq: log.length + 1, role, blocks: [{ type: 'text', text }], created_at, ...extra }
    log.push(message)
    return message
  }

  texts(id: string): string[] {
    return (this.log[id] ?? []).map(({ blocks }) => (blocks[0] as { text: string }).text)
  }

  count(path: RegExp, method = 'GET'): number {
    return this.calls.filter((call) => call.method === method && path.test(call.path)).length
  }

  /** What the server says after `hello`. */
  ready(): void {
    this.socket.receive({ type: 'ready', agent: AGENT, chats: this.chats })
  }

  private async serve(path: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? 'GET'
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : null
    this.calls.push({ method, path, body })
    if (this.unreachable) throw new TypeError('network')
    const at = this.refusals.findIndex((refusal) => refusal.path.test(path))
    const refusal = at < 0 ? undefined : this.refusals.splice(at, 1)[0]
    if (refusal) return this.answer({ error: { code: 'refused', text: refusal.text } }, refusal.status)
    const id = /chats\/([^/?]+)/.exec(path)?.[1] ?? ''
    if (/\/messages\?/.test(path)) return this.answer(this.page(id, new URL(path, 'http://x').searchParams))
    if (/\/messages$/.test(path)) return this.stored(id, body as { client_id: string; text?: string })
    if (/\/chats\/[^/]+$/.test(path)) return this.answer(this.dossier(id))
    if (/\/(next|claim|accept|reply-left)$/.test(path)) return this.answer(this.chats.find(({ conversation_id }) => conversation_id === id) ?? chat(id || 'c1'))
    if (/\/phrases\/check$/.test(path)) return this.answer({ findings: [] })
    if (/\/queue$/.test(path)) return this.answer({ waiting: this.waiting, count: this.waiting.length, longest_s: 0 })
    if (/\/me$/.test(path)) return this.answer(MINE)
    return this.answer({})
  }

  private page(id: string, query: URLSearchParams): unknown {
    const log = this.log[id] ?? []
    const after = log.filter(({ seq }) => seq > Number(query.get('after')))
    return { messages: after.slice(0, Number(query.get('limit'))), last_seq: log[log.length - 1]?.seq ?? 0 }
  }

  private stored(id: string, body: { client_id: string; text?: string }): Response {
    const client_id = `@${body.client_id}`
    const known = this.log[id]?.find((message) => message.client_id === client_id)
    const message = known ?? this.say(id, 'agent', body.text ?? '', { agent: '1001', client_id })
    if (this.loseNextAnswer) {
      this.loseNextAnswer = false
      throw new TypeError('network')
    }
    return this.answer({ seq: message.seq, client_id: body.client_id }, 202)
  }

  private dossier(id: string): Dossier {
    return {
      chat: [...this.chats, ...this.waiting].find(({ conversation_id }) => conversation_id === id) ?? chat(id),
      summary: { sentence: '', asked: [], wishes: [], tried: [], slots: {}, promised: [], mood: 'calm', mood_name: '平静' },
      customer: { identity: 'anonymous', known: false, elder: false, channel: 'web', visits_24h: 1, contact: null },
      spans: [], notes: [], cases: [], earlier: [], rating: null, may: ['say'],
    }
  }

  private answer(body: unknown, status = 200): Response {
    return new Response(JSON.stringify(body), { status, headers: this.date ? { Date: this.date } : {} })
  }
}

const MINE: MyDesk = { agent: AGENT, figures: FIGURES, break_reasons: ['用餐'], dispositions: [], skills: [] }

export class FakeDeskSocket {
  static OPEN = 1
  readyState = 1
  sent: Record<string, unknown>[] = []
  onopen: (() => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  onerror: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null

  send(raw: string): void {
    this.sent.push(JSON.parse(raw) as Record<string, unknown>)
  }

  close(): void {
    this.readyState = 3
  }

  receive(frame: Record<string, unknown>): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  drop(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

/** Let everything that is under way finish; with fake timers no time passes. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve()
}
