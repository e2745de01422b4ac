/** Counting clocks and saying early when a promised time is about to run out. */
import { serverTime } from '../api/client'
import type { Chat, ClockName, Figures } from '../api/deskTypes'

export type Level = 'ok' | 'near' | 'over'
/** From this share of the time on, a chat is coloured before it is too late; the server does the same. */
export const NEAR = 0.8

export const CLOCKS = ['bot', 'queue', 'human'] as const
const LIMITS = { accept: 'sla_accept_s', first_reply: 'sla_first_reply_s', reply: 'sla_reply_s' } as const
const WHAT = { accept: '等候', first_reply: '待首答', reply: '待回复' } as const

/** Seconds gone since a list was read. */
export const elapsed = (now: number, readAt: number): number => Math.max(0, (now - readAt) / 1000)

/** One of the chat's clocks as it stands now. */
export const clockNow = (chat: Chat, name: ClockName, passed: number): number =>
  chat.clocks[`${name}_s`] + (chat.clocks.running === name ? passed : 0)

export interface Due {
  level: Level
  what: string
  /** Seconds waited so far. */
  waited: number
}

/** How far the waiting of this customer has gone towards its promised time; null when nothing is due. */
export function due(chat: Chat, figures: Figures, now: number): Due | null {
  if (!chat.sla) return null
  const limit = figures[LIMITS[chat.sla.kind]]
  const waited = Math.max(0, limit - (Date.parse(chat.sla.due_at) - serverTime(now)) / 1000)
  const share = waited / limit
  return { what: WHAT[chat.sla.kind], waited, level: share >= 1 ? 'over' : share >= NEAR ? 'near' : 'ok' }
}

/** `m:ss`, or `h:mm:ss` from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  const two = (value: number): string => String(value).padStart(2, '0')
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** A duration in words, for people who hear the page. */
export function spoken(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} 秒`
  return whole < 3600 ? `${Math.floor(whole / 60)} 分 ${whole % 60} 秒` : `${Math.floor(whole / 3600)} 小时 ${Math.floor((whole % 3600) / 60)} 分`
}
