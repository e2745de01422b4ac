/** The supervisors' calls: board, alarms, stepping into chats, canned replies and phrase rules. */
import { get, post, put, remove } from './client'
import type { Note } from './deskTypes'
import type { Alarm, Board, CannedEntry, PhraseRule } from './supervisorTypes'

const DESK = '/api/staff/desk'
const chat = (id: string): string => `${DESK}/chats/${encodeURIComponent(id)}`
const alarm = (id: string): string => `${DESK}/alarms/${encodeURIComponent(id)}`

export const readBoard = (): Promise<Board> => get(`${DESK}/board`)
export const readAlarms = (): Promise<Alarm[]> => get(`${DESK}/alarms`)
export const alarmSeen = (id: string): Promise<void> => post(`${alarm(id)}/seen`)
export const stepIn = (id: string): Promise<void> => post(`${alarm(id)}/step-in`)
export const whisper = (id: string, text: string): Promise<Note> => post(`${chat(id)}/whisper`, { text })

/** A maintained list: the same four calls for canned replies and for phrase rules. */
export interface Maintained<T extends { key: string }> {
  read(): Promise<T[]>
  add(entry: T): Promise<unknown>
  change(entry: T): Promise<unknown>
  remove(key: string): Promise<unknown>
}

function maintained<T extends { key: string }>(path: string, sent: (entry: T) => Omit<T, 'key' | 'updated_by' | 'updated_at'>): Maintained<T> {
  return {
    read: () => get(path),
    add: (entry) => post(path, { key: entry.key, ...sent(entry) }),
    change: (entry) => put(`${path}/${encodeURIComponent(entry.key)}`, sent(entry)),
    remove: (key) => remove(`${path}/${encodeURIComponent(key)}`),
  }
}

export const canned = maintained<CannedEntry>(`${DESK}/canned/all`, ({ title, category, text, enabled }) => ({ title, category, text, enabled }))
export const phrases = maintained<PhraseRule>(`${DESK}/phrases`, ({ kind, pattern, action, hint, clause, enabled }) => ({
  kind,
  pattern,
  action,
  hint,
  clause: clause || null,
  enabled,
}))
