/** What may be done to a case here and now, and how near its next deadline is. */
import type { CaseAction, CaseDeadline, StaffCase } from '../api/cases'

/** Working statuses that staff set by hand; the others come from a decision, a closing or the customer. */
export const WORKING = ['in_progress', 'waiting_customer'] as const
const DAY_MS = 86_400_000
const SOON_DAYS = 3

export interface Worker {
  id: string
  leads: boolean
  works: boolean
}

export const mayWork = (one: StaffCase, who: Worker): boolean => who.works && (who.leads || one.responsible === null || one.responsible === who.id)

/** The actions open to this person, in the order of the work. */
export function openActions(one: StaffCase, who: Worker): CaseAction[] {
  if (!mayWork(one, who)) return []
  const ended = one.ended_at !== null
  const decides = one.transitions.includes('decided')
  const extends_ = who.leads && one.deadlines.some(({ kind, state }) => kind === 'decision' && state === 'open')
  return [
    ...(ended ? [] : (['assign'] as const)),
    ...(nextStatuses(one).length ? (['advance'] as const) : []),
    ...(extends_ ? (['extend'] as const) : []),
    ...(decides ? (['decide'] as const) : []),
    ...(one.transitions.includes('closed') ? (['close'] as const) : []),
    'classify',
  ]
}

export const nextStatuses = (one: StaffCase): string[] => WORKING.filter((status) => one.transitions.includes(status))

/** The earliest open deadline. */
export function nextDeadline(one: StaffCase): CaseDeadline | null {
  const open = one.deadlines.filter(({ state }) => state === 'open').sort((a, b) => a.due_at.localeCompare(b.due_at))
  return open[0] ?? null
}

export interface Left {
  level: 'ok' | 'soon' | 'late'
  text: string
}

/** Whole days that are left, in words. */
export function timeLeft(deadline: CaseDeadline, now: number): Left {
  const left = Date.parse(deadline.due_at) - now
  if (left < 0) return { level: 'late', text: `已超期 ${Math.ceil(-left / DAY_MS)} 天` }
  const days = Math.floor(left / DAY_MS)
  return { level: days < SOON_DAYS ? 'soon' : 'ok', text: days === 0 ? '今天到期' : `还有 ${days} 天` }
}
