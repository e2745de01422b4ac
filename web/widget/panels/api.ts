/** What the panels ask of the server beyond the talk itself. */
import { newClientId } from '../core/ids'
import type { Block } from '../core/types'
import type { PanelContext } from './context'

/** A file may take its time on a telephone. */
const UPLOAD_TIMEOUT_MS = 120_000

export interface Found {
  topic: string
  title: string
  aspect: string
  short: string
}

export interface Answer {
  aspect: string
  title: string
  /** How to ask the bot for it. */
  question: string
  blocks: Block[]
}

export interface Topic {
  topic: string
  title: string
  answers: Answer[]
  related: { topic: string; title: string }[]
}

export interface CaseFile {
  id: string
  name: string
  size: number
  added_by: string
}

export interface Case {
  number: string
  kind_name: string
  status: string
  status_code: string
  subject: string
  received: string
  deadline?: string | null
  next: string
  timeline: { at: string; text: string }[]
  files: CaseFile[]
  can: { remark: boolean; upload: boolean; urge: boolean; withdraw: boolean; recheck: boolean }
}

export type CaseAction = 'urge' | 'withdraw' | 'recheck'

export interface Rating {
  stars: number
  reasons: string[]
  text: string
}

export interface PanelApi {
  search(query: string): Promise<Found[]>
  topic(id: string): Promise<Topic>
  cases(): Promise<Case[]>
  /** The same `id` is counted once, however often it is sent. */
  remark(number: string, text: string, id: string): Promise<Case>
  addFile(number: string, file: File): Promise<Case>
  act(number: string, action: CaseAction, reason: string, id: string): Promise<Case>
  file(number: string, id: string): Promise<Blob>
  rate(rating: Rating): Promise<void>
  declineRating(): Promise<void>
  /** `phone`: where to call back, or empty. */
  leaveMessage(text: string, phone: string, id: string): Promise<void>
}

export { newClientId }

export function createPanelApi({ api, session }: PanelContext): PanelApi {
  /** A call below the address of the conversation, with its rights. */
  const own = <T>(method: string, path: string, body?: unknown, timeout?: number): Promise<T> =>
    session.withRights((who) =>
      api.call<T>(method, api.pathOf(who) + path, { body, token: who.token, ...(timeout ? { timeout } : {}) }),
    )
  const caseAt = (number: string): string => `/cases/${encodeURIComponent(number)}`

  return {
    search: async (query) =>
      (await api.call<{ results: Found[] }>('GET', `/api/knowledge/search?q=${encodeURIComponent(query)}`)).results,
    topic: (id) => api.call('GET', `/api/knowledge/topics/${encodeURIComponent(id)}`),
    cases: async () => (await own<{ cases: Case[] }>('GET', '/cases')).cases,
    remark: (number, text, id) => own('POST', `${caseAt(number)}/remarks`, { client_id: id, text }),
    act: (number, action, reason, id) =>
      own('POST', `${caseAt(number)}/actions`, { client_id: id, action, ...(reason ? { reason } : {}) }),
    async addFile(number, file) {
      const form = new FormData()
      form.append('file', file, file.name)
      return (await own<{ case: Case }>('POST', `${caseAt(number)}/files`, form, UPLOAD_TIMEOUT_MS)).case
    },
    file: (number, id) =>
      session.withRights(async (who) => {
        const path = `${api.pathOf(who)}${caseAt(number)}/files/${encodeURIComponent(id)}`
        return (await api.fetch('GET', path, { token: who.token, timeout: UPLOAD_TIMEOUT_MS })).blob()
      }),
    rate: (rating) => own('POST', '/rating', rating),
    declineRating: () => own('POST', '/rating', { declined: true }),
    leaveMessage: (text, phone, id) =>
      own('POST', '/leave', { client_id: id, text, ...(phone ? { phone } : {}) }),
  }
}
