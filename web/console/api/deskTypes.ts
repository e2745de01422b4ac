/** What travels between the console and the desk's interface, as `docs/desk-api.md` has it. Times are ISO 8601 in UTC. */
import type { Block, ServerMessage } from '../../widget/core/types'

export type Owner = 'bot' | 'queue' | 'human'
export type ChatState = 'queued' | 'ringing' | 'human' | 'wrap_up' | 'closed' | 'left' | 'cancelled'
export type AgentStatus = 'online' | 'busy' | 'break' | 'wrap_up' | 'offline'
export type Identity = 'anonymous' | 'code' | 'verified'
export type Mood = 'calm' | 'unhappy' | 'angry' | 'danger'
export type NoteKind = 'note' | 'memo' | 'whisper' | 'consult'
export type ClockName = 'bot' | 'queue' | 'human' | 'wrap_up'

export interface Agent {
  no: string
  name: string
  status: AgentStatus
  reason: string | null
  since: string
  skills: string[]
  capacity: number
  load: number
  wrapping_up: number
}

/** Seconds by owner at the moment of the answer; the one of `running` goes on. */
export interface Clocks {
  bot_s: number
  queue_s: number
  human_s: number
  wrap_up_s: number
  running: ClockName | null
}

export interface Sla {
  kind: 'accept' | 'first_reply' | 'reply'
  state: 'ok' | 'near' | 'over'
  due_at: string
}

/** One chat in a list. */
export interface Chat {
  conversation_id: string
  handoff_id: string
  state: ChatState
  outcome: string | null
  reason: string
  reason_name: string
  clause: string
  skill: string
  skill_name: string
  priority: 'urgent' | 'normal'
  first: boolean
  agent: string | null
  target_agent: string | null
  place?: number | null
  identity: Identity
  elder: boolean
  channel: string
  requested_at: string
  waiting_since: string
  ring_until: string | null
  accepted_at: string | null
  first_reply_at: string | null
  ended_at: string | null
  closed_at: string | null
  clocks: Clocks
  sla: Sla | null
  last: { seq: number; role: string; text: string; at: string } | null
  /** Messages of the customer that no person has answered. */
  unanswered: number
  mood: Mood
  asks_consent: boolean
  case_number: string | null
  disposition: string | null
}

export interface Named {
  code: string
  name: string
}

/** Seconds and numbers of the desk that the console shows. */
export interface Figures {
  sla_accept_s: number
  sla_first_reply_s: number
  sla_reply_s: number
  wrap_up_s: number
}

export interface MyDesk {
  agent: Agent
  figures: Figures
  break_reasons: string[]
  dispositions: Named[]
  skills: Named[]
}

export interface QueueView {
  waiting: Chat[]
  count: number
  longest_s: number
}

export interface Span {
  owner: Owner
  agent: string | null
  first_seq: number
  started_at: string
  ended_at: string | null
}

export interface Note {
  id: string
  kind: NoteKind
  author: string
  to: string | null
  text: string
  at: string
}

/** Nothing of it has to be asked again. */
export interface Summary {
  sentence: string
  asked: { topic: string; title: string; aspect: string | null; aspect_name: string; times: number }[]
  wishes: string[]
  tried: string[]
  slots: Record<string, string>
  promised: string[]
  mood: Mood
  mood_name: string
}

/** A case as the customer sees it. */
export interface CaseBrief {
  number: string
  kind_name: string
  status: string
  subject: string
  deadline?: string
  next?: string
}

export interface Visit {
  conversation_id: string
  handoff_id: string
  reason_name: string
  skill_name: string
  agent: string | null
  requested_at: string
  disposition: string | null
  settled: string | null
}

export interface Dossier {
  chat: Chat
  summary: Summary
  customer: { identity: Identity; known: boolean; elder: boolean; channel: string; visits_24h: number; contact: { tail: string } | null }
  spans: Span[]
  notes: Note[]
  cases: CaseBrief[]
  earlier: Visit[]
  rating: { stars: number; reasons: string[]; text: string | null; at: string } | null
  /** What this person may do here now: `say`, `note`, `transfer`, `end`, `whisper`, … */
  may: string[]
}

export interface AgentMessage extends ServerMessage {
  agent?: string | null
}

export interface MessagePage {
  messages: AgentMessage[]
  last_seq: number
}

export interface Answer {
  topic: string
  aspect: string | null
}

/** What an agent sends: exactly one of text, an answer of the knowledge, or a case card. */
export interface Outgoing {
  client_id: string
  text?: string
  answer?: Answer
  case_number?: string
  /** Send in spite of the warnings that were shown. */
  acknowledged?: boolean
  suggestion?: Answer & { edited: boolean }
}

export interface Suggestion extends Answer {
  title: string
  text: string
  citation: string
  blocks: Block[]
}

/** What a rule on phrases says about a text. */
export interface Finding {
  key: string
  action: 'warn' | 'block'
  found: string
  hint: string
  clause: string | null
}

/** A canned reply as an agent uses it: placeholders filled in as far as known. */
export interface CannedReply {
  key: string
  title: string
  category: string
  text: string
}

export type DeskFrame =
  | { type: 'ready'; agent: Agent | null; chats: Chat[] }
  | { type: 'chats'; chats: Chat[] }
  | { type: 'agent'; agent: Agent }
  | { type: 'queue'; waiting: number; longest_s: number; left: number }
  | { type: 'alarm'; alarms: number }
  | { type: 'message'; conversation_id: string; message: AgentMessage }
  | { type: 'note'; conversation_id: string; note: Note }
  | { type: 'typing'; conversation_id: string; on: boolean }
  | { type: 'error'; code: string; text: string }
  | { type: 'pong' }
