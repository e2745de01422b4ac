/** Every call of the agents' desk in one place. Paths and shapes are those of the server's desk interface. */
import type {
  Agent,
  AgentMessage,
  AgentStatus,
  Board,
  CannedReply,
  ChatDetail,
  DeskView,
  Finding,
  MessagePage,
  Note,
  Outgoing,
  PhraseRule,
  Suggestion,
} from './deskTypes'
import { get, post, put, remove } from './client'

const DESK = '/api/staff/desk'
const chat = (id: string): string => `${DESK}/chats/${encodeURIComponent(id)}`

export const SOCKET_PATH = `${DESK}/ws`

export const readDesk = (): Promise<DeskView> => get(DESK)
export const setStatus = (status: AgentStatus, reason: string | null): Promise<void> => put(`${DESK}/status`, { status, reason })

/** Agents at their desks, to hand a chat to or to ask. */
export const readAgents = (): Promise<Agent[]> => get(`${DESK}/agents`)

export const claimNext = (): Promise<{ conversation_id: string }> => post(`${DESK}/next`)
export const claim = (id: string): Promise<void> => post(`${chat(id)}/claim`)
export const decline = (id: string): Promise<void> => post(`${chat(id)}/decline`)

export const readChat = (id: string): Promise<ChatDetail> => get(chat(id))
/** Up to `limit` messages after `after`, oldest first. */
export const readMessages = (id: string, after: number, limit = 200): Promise<MessagePage> =>
  get(`${chat(id)}/messages?after=${after}&limit=${limit}`)
export const markRead = (id: string, seq: number): Promise<void> => post(`${chat(id)}/read`, { seq })

export const say = (id: string, outgoing: Outgoing): Promise<AgentMessage> => post(`${chat(id)}/messages`, outgoing)
export const addNote = (id: string, text: string): Promise<Note> => post(`${chat(id)}/notes`, { text })
export const checkPhrases = (text: string): Promise<Finding[]> => post(`${DESK}/check`, { text })
export const readSuggestions = (id: string): Promise<Suggestion[]> => get(`${chat(id)}/suggestions`)

export interface Transfer {
  /** An agent's number, or null for whoever of the team is free. */
  agent_no: string | null
  skill: string | null
  memo: string
}
export const transfer = (id: string, wish: Transfer): Promise<void> => post(`${chat(id)}/transfer`, wish)
export const consult = (id: string, agent_no: string, text: string): Promise<Note> => post(`${chat(id)}/consult`, { agent_no, text })
export const proposeBot = (id: string, settled: string): Promise<void> => post(`${chat(id)}/propose-bot`, { settled })
export const closeChat = (id: string): Promise<void> => post(`${chat(id)}/close`)
export interface Disposition {
  disposition: string
  note: string
  case_number: string | null
}
export const wrapUp = (id: string, result: Disposition): Promise<void> => post(`${chat(id)}/wrap-up`, result)
export const reveal = (id: string, field: string, reason: string): Promise<{ value: string }> =>
  post(`${chat(id)}/reveal`, { field, reason })

export const readBoard = (): Promise<Board> => get(`${DESK}/board`)
export const whisper = (id: string, text: string): Promise<Note> => post(`${chat(id)}/whisper`, { text })
export const takeOver = (id: string): Promise<void> => post(`${chat(id)}/take-over`)

export const readCanned = (): Promise<CannedReply[]> => get(`${DESK}/canned`)
export const saveCanned = (reply: CannedReply): Promise<void> => put(`${DESK}/canned/${encodeURIComponent(reply.key)}`, reply)
export const removeCanned = (key: string): Promise<void> => remove(`${DESK}/canned/${encodeURIComponent(key)}`)
export const readPhrases = (): Promise<PhraseRule[]> => get(`${DESK}/phrases`)
export const savePhrase = (rule: PhraseRule): Promise<void> => put(`${DESK}/phrases/${encodeURIComponent(rule.key)}`, rule)
export const removePhrase = (key: string): Promise<void> => remove(`${DESK}/phrases/${encodeURIComponent(key)}`)
