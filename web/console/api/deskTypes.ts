/** What travels between the console and the desk's interface (`/api/staff/desk`). Times are ISO 8601 in UTC. */
import type { Block, ServerMessage } from '../../widget/core/types'

export type Owner = 'bot' | 'queue' | 'human'
export type ChatState = 'bot' | 'queued' | 'ringing' | 'human' | 'wrap_up' | 'closed' | 'left' | 'cancelled'
export type AgentStatus = 'online' | 'busy' | 'break' | 'wrap_up' | 'offline'
export type Identity = 'anonymous' | 'code' | 'verified'
export type NoteKind = 'note' | 'memo' | 'whisper' | 'consult'

export interface Agent {
  staff_no: string
  name: string
  status: AgentStatus
  status_reason: string | null
  status_since: string
  skills: string[]
  capacity: number
  load: number
}

/** Seconds by owner up to the moment the server answered; the one of `running` goes on. */
export interface Clocks {
  bot: number
  queue: number
  human: number
  running: Owner | null
}

/** One line of a list of chats. */
export interface ChatRow {
  conversation_id: string
  handoff_id: string | null
  state: ChatState
  agent_no: string | null
  reason: string | null
  clause: string | null
  skill: string | null
  urgent: boolean
  elder: boolean
  identity: Identity
  topic: string | null
  preview: string | null
  last_seq: number
  unread: number
  clocks: Clocks
  /** Seconds the customer has waited for an answer of a person; null while it is the customer's turn. */
  awaiting_s: number | null
  first_reply: boolean
  ring_left_s: number | null
  consult_of: string | null
  alarm: string | null
}

/** Times to keep, in seconds. */
export interface Targets {
  queue_s: number
  first_reply_s: number
  reply_s: number
  wrap_up_s: number
}

/** The desk of one agent at one moment. */
export interface DeskView {
  me: Agent
  targets: Targets
  break_reasons: string[]
  chats: ChatRow[]
  queue: ChatRow[]
}

export interface Span {
  owner: Owner
  agent_no: string | null
  started_at: string
  ended_at: string | null
  first_seq: number
}

export interface Note {
  id: string
  kind: NoteKind
  author_no: string
  to_no: string | null
  text: string
  created_at: string
}

/** A value kept back; `field` is what to ask for when it has to be seen. */
export interface MaskedField {
  field: string
  label: string
  shown: string
}

/** What a chat is handed over with: nothing of it has to be asked again. */
export interface Summary {
  asked: string[]
  tried: string[]
  slots: { label: string; value: string }[]
  promised: string[]
  mood: string | null
}

export interface CaseBrief {
  number: string
  kind: string
  subject: string
  status: string
  deadline: string | null
}

export interface Visit {
  conversation_id: string
  started_at: string
  reason: string | null
  disposition: string | null
  agent_no: string | null
}

export interface ChatDetail {
  row: ChatRow
  summary: Summary | null
  spans: Span[]
  notes: Note[]
  masked: MaskedField[]
  cases: CaseBrief[]
  visits: Visit[]
  memo: string | null
  proposal: string | null
}

export interface AgentMessage extends ServerMessage {
  agent?: string | null
}

export interface MessagePage {
  messages: AgentMessage[]
  last_seq: number
}

/** What an agent sends: text, or a card that the server fills from the knowledge or from a case. */
export interface Outgoing {
  client_id: string
  text?: string
  card?: { kind: 'knowledge'; topic: string; aspect: string } | { kind: 'case'; number: string }
  suggestion?: { topic: string; aspect: string; edited: boolean }
}

export interface Suggestion {
  topic: string
  aspect: string
  title: string
  text: string
  citation: string
  blocks: Block[]
  confidence: number | null
}

/** What a rule on phrases says about a text. */
export interface Finding {
  rule: string
  action: 'warn' | 'block'
  found: string
  hint: string
  clause: string | null
}

export interface CannedReply {
  key: string
  title: string
  category: string
  text: string
  enabled: boolean
}

export interface PhraseRule {
  key: string
  kind: 'word' | 'regex'
  pattern: string
  action: 'warn' | 'block'
  hint: string
  clause: string | null
  enabled: boolean
}

export interface Board {
  waiting: number
  longest_wait_s: number
  talking: number
  bot_talking: number
  agents: Agent[]
  chats: ChatRow[]
  targets: Targets
  /** Share of today's chats answered in time, 0 to 1; null before the first. */
  in_time: number | null
}

export type DeskFrame =
  | { type: 'ready' }
  | { type: 'desk'; conversation_id?: string }
  | { type: 'message'; conversation_id: string; message: AgentMessage }
  | { type: 'note'; conversation_id: string; note: Note }
  | { type: 'typing'; conversation_id: string; on: boolean }
  | { type: 'ping' | 'pong' }
  | { type: 'error'; code: string; text: string }
