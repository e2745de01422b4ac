/** What travels between the server and the widget. One schema with the server's block models. */

export type Role = 'customer' | 'bot' | 'agent' | 'system'

export interface TextBlock {
  type: 'text'
  text: string
}

export interface ButtonsBlock {
  type: 'buttons'
  title?: string | null
  /** `id` is opaque: the server alone knows what a button stands for. */
  buttons: { id: string; title: string }[]
}

export interface StepsBlock {
  type: 'steps'
  title?: string | null
  items: string[]
}

export interface FactsBlock {
  type: 'facts'
  kind: string
  title?: string | null
  items: { label?: string | null; text: string }[]
}

export interface CitationBlock {
  type: 'citation'
  source: string
  /** Several only in what the widget has drawn together itself. */
  clause?: string | null
  date?: string | null
  certainty?: string | null
}

/** What just happened to a case in this conversation; a refusal carries nothing else. */
export type CaseEvent = 'created' | 'status_shown' | 'status_refused' | 'withdrawn' | 'urged'

export interface CaseBlock {
  type: 'case'
  event?: CaseEvent | null
  number?: string | null
  kind_name?: string | null
  status?: string | null
  subject?: string | null
  deadline?: string | null
  next?: string | null
  timeline?: { at: string; text: string }[] | null
  /** The server may send more than is shown here. */
  [field: string]: unknown
}

export interface FormBlock {
  type: 'form'
  asks_for?: string | null
  title?: string | null
}

export interface NoticeBlock {
  type: 'notice'
  kind: string
  text: string
}

export interface HandoffBlock {
  type: 'handoff'
  state: string
  text?: string | null
}

export interface RatingBlock {
  type: 'rating'
  title?: string | null
}

export type Block =
  | TextBlock
  | ButtonsBlock
  | StepsBlock
  | FactsBlock
  | CitationBlock
  | CaseBlock
  | FormBlock
  | NoticeBlock
  | HandoffBlock
  | RatingBlock

/** One row of the conversation's log. `created_at` is ISO 8601 in UTC. */
export interface ServerMessage {
  seq: number
  role: Role
  blocks: Block[]
  created_at: string
  client_id?: string | null
  masked?: string[] | null
  /** The number of the agent who wrote it. */
  agent?: string | null
}

/** The server's receipt for one sent message. */
export interface Ack {
  seq: number
  client_id: string
  masked?: string[] | null
}

/** Who speaks with the customer, and what the desk waits for; pushed whenever it changes. */
export interface DeskState {
  owner: 'bot' | 'queue' | 'human'
  agent: string | null
  place: number | null
  wait_s: number | null
  /** A rating is invited; reasons to tick for many and for few stars. */
  rating?: { agent: string | null; good: string[]; bad: string[] } | null
  /** A message was left and is not answered yet. */
  left?: { case_number: string } | null
}

/** Public facts of this bank, from `GET /api/widget/config`. */
export interface BankConfig {
  bank_name: string
  hotline: string
  agent_hours: string
  languages: string[]
}

export type DeliveryState = 'sending' | 'sent' | 'failed'

/** One line of the conversation as the widget holds it; `seq` is null until the server has it. */
export interface Entry {
  key: string
  seq: number | null
  clientId: string | null
  role: Role
  blocks: Block[]
  createdAt: string
  masked: string[]
  state: DeliveryState
  /** The server's own words when it refused the message. */
  error: string | null
  /** The button this entry came from, if any. */
  buttonId: string | null
  /** The number of the agent who wrote it. */
  agent: string | null
}

export type Verdict = 'up' | 'down'
