/** Every call of the agents' desk in one place; see `docs/desk-api.md`. */
import { get, post, put } from './client'
import type {
  Agent,
  AgentStatus,
  CannedReply,
  Chat,
  Dossier,
  Finding,
  MessagePage,
  MyDesk,
  Note,
  Outgoing,
  QueueView,
  Suggestion,
} from './deskTypes'

const DESK = '/api/staff/desk'
const chat = (id: string): string => `${DESK}/chats/${encodeURIComponent(id)}`

export const SOCKET_PATH = `${DESK}/ws`

export const readMe = (): Promise<MyDesk> => get(`${DESK}/me`)
export const setStatus = (status: AgentStatus, reason: string | null): Promise<Agent> =>
  put(`${DESK}/me/status`, { status, ...(reason === null ? {} : { reason }) })
/** Agents at their desks, to hand a chat to or to ask. */
export const readAgents = (): Promise<Agent[]> => get(`${DESK}/agents`)

export const readQueue = (): Promise<QueueView> => get(`${DESK}/queue`)
export const readChats = (scope: 'mine' | 'left' | 'recent' | 'all'): Promise<Chat[]> => get(`${DESK}/chats?scope=${scope}`)
export const claimNext = (): Promise<Chat> => post(`${DESK}/next`)
export const claim = (id: string): Promise<Chat> => post(`${chat(id)}/claim`)
export const decline = (id: string): Promise<void> => post(`${chat(id)}/decline`)
export const replyLeft = (id: string): Promise<Chat> => post(`${chat(id)}/reply-left`)
export const leftDone = (id: string, note: string): Promise<void> => post(`${chat(id)}/left-done`, note ? { note } : {})

/** A supervisor goes on with an agent's chat. */
export const takeOver = (id: string, memo: string): Promise<Chat> => post(`${chat(id)}/take-over`, memo ? { memo } : {})

export const readDossier = (id: string): Promise<Dossier> => get(chat(id))
/** Up to `limit` messages after `after`, oldest first. */
export const readMessages = (id: string, after: number, limit = 200): Promise<MessagePage> =>
  get(`${chat(id)}/messages?after=${after}&limit=${limit}`)

export const say = (id: string, outgoing: Outgoing): Promise<{ seq: number; client_id: string }> => post(`${chat(id)}/messages`, outgoing)
export const addNote = (id: string, text: string): Promise<Note> => post(`${chat(id)}/notes`, { text })
export const checkPhrases = async (text: string): Promise<Finding[]> =>
  (await post<{ findings: Finding[] }>(`${DESK}/phrases/check`, { text })).findings
/** What fits the words, or without any what the talk was about. */
export const readSuggestions = (id: string, words = ''): Promise<Suggestion[]> =>
  get(`${chat(id)}/suggestions?q=${encodeURIComponent(words)}`)
/** All canned replies, filled in for this chat as far as known. */
export const readCanned = (id: string): Promise<CannedReply[]> => get(`${DESK}/canned?conversation_id=${encodeURIComponent(id)}`)

export type Target = { to_agent: string } | { skill: string }
export const transfer = (id: string, target: Target, memo: string): Promise<void> => post(`${chat(id)}/transfer`, { ...target, memo })
export const acceptTransfer = (id: string): Promise<Chat> => post(`${chat(id)}/transfer/accept`)
export const declineTransfer = (id: string): Promise<void> => post(`${chat(id)}/transfer/decline`)
export const cancelTransfer = (id: string): Promise<void> => post(`${chat(id)}/transfer/cancel`)
export const consult = (id: string, to_agent: string, text: string): Promise<Note> => post(`${chat(id)}/consult`, { to_agent, text })
export const proposeBot = (id: string, settled: string): Promise<void> => post(`${chat(id)}/propose-bot`, settled ? { settled } : {})

export const endChat = (id: string): Promise<Chat> => post(`${chat(id)}/end`)
export interface Disposition {
  code: string
  note?: string
  case_number?: string
}
export const dispose = (id: string, disposition: Disposition): Promise<void> => post(`${chat(id)}/disposition`, disposition)
export const revealContact = (id: string, reason: string): Promise<{ value: string }> =>
  post(`${chat(id)}/reveal`, { field: 'contact', reason })
