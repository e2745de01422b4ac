/** The desk's side of the server in memory: the log by a `fetch`, hints by a `WebSocket`. */
import { vi } from 'vitest'

import type { AgentMessage, ChatDetail, ChatRow, DeskView } from '../../console/api/deskTypes'

export function row(id: string, values: Partial<ChatRow> = {}): ChatRow {
  return {
    conversation_id: id, handoff_id: `h-${id}`, state: 'human', agent_no: '1001', reason: 'customer_request', clause: '5.2.2.2',
    skill: 'card', urgent: false, elder: false, identity: 'anonymous', topic: null, preview: null, last_seq: 0, unread: 0,
    clocks: { bot: 60, queue: 30, human: 10, running: 'human' }, awaiting_s: null, first_reply: true, ring_left_s: null,
    consult_of: null, alarm: null, ...values,
  }
}

export class FakeDesk {
  view: DeskView = {
    me: { staff_no: '1001', name: '林晓雯', status: 'online', status_reason: null, status_since: '2026-11-26T00:00:00Z', skills: ['card'], capacity: 5, load: 1 },
    targets: { queue_s: 60, first_reply_s: 20, reply_s: 40, wrap_up_s: 300 },
    break_reasons: ['就餐'],
    chats: [row('c1')],
    queue: [],
  }
  log: Record<string, AgentMessage[]> = { c1: [] }
  calls: { method: string; path: string; body: Record<string, unknown> | null }[] = []
  unreachable = false
  /** Answers to calls whose path matches, used once each. */
  refusals: { path: RegExp; status: number; text: string }[] = []
  /** The next message is stored, but its answer gets lost. */
  loseNextAnswer = false
  sockets: FakeDeskSocket[] = []

  constructor() {
    const sockets = this.sockets
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
    const message: AgentMessage = { seq: log.length + 1, role, blocks: [{ type: 'text', text }], created_at: `2026-11-26T01:00:${String(log.length).padStart(2, '0')}Z`, ...extra }
    log.push(message)
    return message
  }

  count(path: RegExp, method = 'GET'): number {
    return this.calls.filter((call) => call.method === method && path.test(call.path)).length
  }

  private async serve(path: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? 'GET'
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : null
    this.calls.push({ method, path, body })
    if (this.unreachable) throw new TypeError('network')
    const at = this.refusals.findIndex((refusal) => refusal.path.test(path))
    const refusal = at < 0 ? undefined : this.refusals.splice(at, 1)[0]
    if (refusal) return answer({ error: { code: 'refused', text: refusal.text } }, refusal.status)
    const id = /chats\/([^/?]+)/.exec(path)?.[1] ?? ''
    if (/\/messages\?/.test(path)) return answer(this.page(id, new URL(path, 'http://x').searchParams))
    if (/\/messages$/.test(path)) return this.stored(id, body as { client_id: string; text?: string })
    if (/\/chats\/[^/]+$/.test(path)) return answer(this.detail(id))
    if (/\/next$/.test(path)) return answer({ conversation_id: 'c1' })
    if (/\/check$/.test(path)) return answer([])
    return answer(/\/desk$/.test(path) ? this.view : {})
  }

  private page(id: string, query: URLSearchParams): unknown {
    const log = this.log[id] ?? []
    const after = log.filter(({ seq }) => seq > Number(query.get('after')))
    return { messages: after.slice(0, Number(query.get('limit'))), last_seq: log[log.length - 1]?.seq ?? 0 }
  }

  private stored(id: string, body: { client_id: string; text?: string }): Response {
    const known = this.log[id]?.find(({ client_id }) => client_id === body.client_id)
    const message = known ?? this.say(id, 'agent', body.text ?? '', { agent: '1001', client_id: body.client_id })
    if (this.loseNextAnswer) {
      this.loseNextAnswer = false
      throw new TypeError('network')
    }
    return answer(message)
  }

  private detail(id: string): ChatDetail {
    const found = [...this.view.chats, ...this.view.queue].find(({ conversation_id }) => conversation_id === id) ?? row(id)
    return { row: found, summary: null, spans: [], notes: [], masked: [], cases: [], visits: [], memo: null, proposal: null }
  }
}

export class FakeDeskSocket {
  static OPEN = 1
  readyState = 1
  sent: Record<string, unknown>[] = []
  onclose: (() => void) | null = null
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

  drop(): void {
    this.readyState = 3
    this.onclose?.()
  }
}

const answer = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status })

/** Let everything that is under way finish; with fake timers no time passes. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve()
}
