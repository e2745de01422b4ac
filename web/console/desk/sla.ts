/** Counting clocks and saying early when a promised time is about to run out. */
import type { ChatRow, Owner, Targets } from '../api/deskTypes'

export type Level = 'ok' | 'soon' | 'late'
/** From this share of the target on, a time is marked before it is broken. */
export const SOON = 0.7

const OWNERS: Owner[] = ['bot', 'queue', 'human']

/** Seconds gone since the view was read. */
export const elapsed = (now: number, readAt: number): number => Math.max(0, (now - readAt) / 1000)

/** The three clocks as they stand now. */
export function clocksNow(row: ChatRow, passed: number): Record<Owner, number> {
  const entries = OWNERS.map((owner) => [owner, row.clocks[owner] + (row.clocks.running === owner ? passed : 0)])
  return Object.fromEntries(entries) as Record<Owner, number>
}

export interface Due {
  level: Level
  /** What is being waited for; empty when nobody waits. */
  what: '' | 'queue' | 'first_reply' | 'reply'
  waited: number
  target: number
}

/** How far the waiting of this customer has gone towards its target. */
export function due(row: ChatRow, targets: Targets, passed: number): Due {
  if (row.state === 'queued' || row.state === 'ringing') return judged('queue', clocksNow(row, passed).queue, targets.queue_s)
  if (row.state === 'human' && row.awaiting_s !== null) {
    const first = !row.first_reply
    return judged(first ? 'first_reply' : 'reply', row.awaiting_s + passed, first ? targets.first_reply_s : targets.reply_s)
  }
  return { level: 'ok', what: '', waited: 0, target: 0 }
}

function judged(what: Due['what'], waited: number, target: number): Due {
  const share = target > 0 ? waited / target : 0
  return { what, waited, target, level: share >= 1 ? 'late' : share >= SOON ? 'soon' : 'ok' }
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
