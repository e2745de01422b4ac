/** What supervisors see and maintain. */
import type { Agent, AgentStatus } from './deskTypes'

export interface Today {
  requested: number
  accepted: number
  left: number
  cancelled: number
  accept_rate: number | null
  accept_in_time: number | null
  first_reply_in_time: number | null
  mean_wait_s: number | null
  mean_first_reply_s: number | null
  mean_talk_s: number | null
  ratings: number
  mean_stars: number | null
}

export interface Board {
  at: string
  open: boolean
  waiting: number
  urgent: number
  longest_s: number
  over_sla: number
  talking: number
  by_skill: { skill: string; name: string; waiting: number }[]
  agents: Agent[]
  by_status: Partial<Record<AgentStatus, number>>
  free: number
  today: Today
  alarms: number
}

/** A bot chat that goes wrong before anybody has asked for a person. */
export interface Alarm {
  conversation_id: string
  kind: string
  name: string
  at: string
  topic: string | null
  title: string
  misses: number
  dissatisfied: number
  elder: boolean
  seen_by: string | null
}

interface Kept {
  key: string
  enabled: boolean
  updated_by?: string | null
  updated_at?: string
}

export interface CannedEntry extends Kept {
  title: string
  category: string
  text: string
}

export interface PhraseRule extends Kept {
  kind: 'word' | 'regex'
  pattern: string
  action: 'warn' | 'block'
  hint: string
  clause: string | null
}
