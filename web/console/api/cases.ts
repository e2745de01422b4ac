/** Cases as staff work on them (`/api/staff/cases`). Every change names the version that was seen. */
import { get, post } from './client'

export interface CaseDeadline {
  kind: string
  name: string
  started_at: string
  due_on: string
  due_at: string
  state: 'open' | 'met' | 'late' | 'ended'
  extensions: number
  warned: number
}

export interface CaseEntry {
  seq: number
  at: string
  kind: string
  actor: string
  by: string
  text: string
  public: boolean
}

export interface StaffCase {
  number: string
  kind: string
  kind_name: string
  status: string
  status_code: string
  subject: string
  details: string
  demand: string
  holder: string
  contact: string
  channel: string
  customer_ref: string | null
  conversation_id: string | null
  unit: string
  responsible: string | null
  responsible_name: string
  category: Record<string, string>
  priority: 'urgent' | 'normal'
  version: number
  received: string
  received_at: string
  updated_at: string
  ended_at: string | null
  deadline: string
  next: string
  transitions: string[]
  decision: { outcome: string; text: string; reason: string; remedies: string[]; decided_at: string } | null
  deadlines: CaseDeadline[]
  timeline: CaseEntry[]
  files: { id: string; name: string; size: number }[]
}

export interface Option {
  value: string
  name: string
}

export interface CaseOptions {
  kinds: Option[]
  statuses: Option[]
  outcomes: Option[]
  remedies: Option[]
  categories: Record<'channel' | 'business' | 'reason', Option[]>
}

export interface CaseNotice {
  id: string
  case_number: string
  text: string
  created_at: string
  read: boolean
}

export interface CaseQuery {
  kind: string[]
  status: string[]
  responsible: string
  unassigned: boolean
  priority: string
  overdue: boolean
  q: string
}

const CASES = '/api/staff/cases'
const one = (number: string): string => `${CASES}/${encodeURIComponent(number)}`

export function listCases(query: CaseQuery, limit: number, offset: number): Promise<{ cases: StaffCase[]; total: number }> {
  const wanted = new URLSearchParams({ limit: String(limit), offset: String(offset) })
  for (const kind of query.kind) wanted.append('kind', kind)
  for (const status of query.status) wanted.append('status', status)
  if (query.responsible) wanted.set('responsible', query.responsible)
  if (query.unassigned) wanted.set('unassigned', 'true')
  if (query.priority) wanted.set('priority', query.priority)
  if (query.overdue) wanted.set('overdue', 'true')
  if (query.q.trim()) wanted.set('q', query.q.trim())
  return get(`${CASES}?${wanted}`)
}

export const readOptions = (): Promise<CaseOptions> => get(`${CASES}/options`)
export const readCase = (number: string): Promise<StaffCase> => get(one(number))
export const readNotices = (): Promise<CaseNotice[]> => get(`${CASES}/notices`)
export const noticeRead = (id: string): Promise<void> => post(`${CASES}/notices/${encodeURIComponent(id)}/read`)
export const fileAddress = (number: string, id: string): string => `${one(number)}/files/${encodeURIComponent(id)}`

export interface NewCase {
  client_id: string
  kind: string
  subject: string
  details: string
  demand: string
  conversation_id?: string
  contact: string
  priority?: string
}
export const fileCase = (draft: NewCase): Promise<StaffCase> => post(CASES, draft)

/** The full contact; that it was looked at stands in the timeline from then on. */
export const revealCaseContact = (number: string): Promise<{ contact: string | null }> => post(`${one(number)}/contact`)
export const remarkCase = (number: string, text: string, visible: boolean): Promise<StaffCase> =>
  post(`${one(number)}/remarks`, { text, public: visible })

export type CaseAction = 'assign' | 'advance' | 'extend' | 'decide' | 'close' | 'classify'
/** Carry out an action on the version that was seen; 409 when somebody was faster. */
export const actOnCase = (seen: StaffCase, action: CaseAction, body: Record<string, unknown>): Promise<StaffCase> =>
  post(`${one(seen.number)}/${action}`, { ...body, version: seen.version })
