/**
 * What an agent has typed and not sent, and what was sent and not yet confirmed.
 *
 * Both are kept in `localStorage` under the agent's number, so that neither a reload nor a crash nor a new
 * sign-in after a lost session loses them. They are removed when the chat is over, after a day, and when the
 * agent signs out.
 */
import { defineStore } from 'pinia'
import { reactive } from 'vue'

import type { Answer, Outgoing } from '../api/deskTypes'

export const KEPT_FOR_MS = 24 * 3_600_000
const PREFIX = 'nuoyan:desk:drafts:'

export interface Draft {
  reply: string
  note: string
  /** The suggestion the reply began with, so that its use is recorded. */
  suggestion: (Answer & { original: string }) | null
  outbox: Outgoing[]
  at: number
}

const blank = (): Draft => ({ reply: '', note: '', suggestion: null, outbox: [], at: 0 })

export const useDrafts = defineStore('drafts', () => {
  const drafts = reactive(new Map<string, Draft>())
  let owner = ''

  /** Take over what this agent left behind. */
  function open(staffNo: string): void {
    owner = staffNo
    drafts.clear()
    for (const [id, draft] of Object.entries(stored(staffNo))) {
      if (draft.at > Date.now() - KEPT_FOR_MS) drafts.set(id, { ...blank(), ...draft })
    }
    keep()
  }

  function of(id: string): Draft {
    return drafts.get(id) ?? blank()
  }

  function change(id: string, values: Partial<Draft>): void {
    const draft = { ...of(id), ...values, at: Date.now() }
    if (draft.reply || draft.note || draft.outbox.length) drafts.set(id, draft)
    else drafts.delete(id)
    keep()
  }

  function remove(id: string): void {
    if (drafts.delete(id)) keep()
  }

  /** Signing out leaves no customer's words on a shared computer. */
  function forget(): void {
    drafts.clear()
    keep()
    owner = ''
  }

  function keep(): void {
    if (!owner) return
    try {
      if (drafts.size === 0) localStorage.removeItem(PREFIX + owner)
      else localStorage.setItem(PREFIX + owner, JSON.stringify(Object.fromEntries(drafts)))
    } catch {
      // A full or blocked storage leaves the drafts in memory.
    }
  }

  return { drafts, open, of, change, remove, forget }
})

function stored(staffNo: string): Record<string, Draft> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(PREFIX + staffNo) ?? '{}')
    return found !== null && typeof found === 'object' ? (found as Record<string, Draft>) : {}
  } catch {
    return {}
  }
}
