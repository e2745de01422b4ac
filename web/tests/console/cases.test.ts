import { describe, expect, it } from 'vitest'

import type { CaseDeadline, StaffCase } from '../../console/api/cases'
import { mayWork, nextDeadline, nextStatuses, openActions, timeLeft } from '../../console/cases/rules'

const deadline = (kind: string, due_at: string, state: CaseDeadline['state'] = 'open'): CaseDeadline => ({
  kind, name: kind, started_at: '', due_on: due_at.slice(0, 10), due_at, state, extensions: 0, warned: 0,
})

function subject(values: Partial<StaffCase> = {}): StaffCase {
  return {
    number: 'NY261126-7KQ4MX-R', kind: 'complaint', kind_name: '投诉', status: '处理中', status_code: 'in_progress', subject: '', details: '', demand: '',
    holder: '', contact: '', channel: 'web', customer_ref: null, conversation_id: null, unit: '', responsible: '1001', responsible_name: '', category: {},
    priority: 'normal', version: 3, received: '', received_at: '', updated_at: '', ended_at: null, deadline: '', next: '',
    transitions: ['decided', 'waiting_customer', 'withdrawn'], decision: null, deadlines: [deadline('decision', '2026-12-11T16:00:00Z')], timeline: [], files: [], ...values,
  }
}

const agent = { id: '1001', leads: false, works: true }
const other = { id: '1002', leads: false, works: true }
const supervisor = { id: '2001', leads: true, works: true }
const auditor = { id: '4001', leads: false, works: false }

describe('who may work on a case', () => {
  it('is who is responsible, everybody for nobody’s, supervisors always, auditors never', () => {
    expect([agent, other, supervisor, auditor].map((who) => mayWork(subject(), who))).toEqual([true, false, true, false])
    expect([agent, other, supervisor, auditor].map((who) => mayWork(subject({ responsible: null }), who))).toEqual([true, true, true, false])
  })

  it('sees the actions that the state allows; only supervisors extend', () => {
    expect(openActions(subject(), agent)).toEqual(['assign', 'advance', 'decide', 'classify'])
    expect(openActions(subject(), supervisor)).toEqual(['assign', 'advance', 'extend', 'decide', 'classify'])
    expect(openActions(subject(), other)).toEqual([])
    expect(openActions(subject({ transitions: ['closed', 'in_review'], deadlines: [] }), agent)).toEqual(['assign', 'close', 'classify'])
    expect(openActions(subject({ transitions: [], deadlines: [], ended_at: '2026-11-26T00:00:00Z' }), supervisor)).toEqual(['classify'])
  })

  it('sets only working statuses by hand', () => {
    expect(nextStatuses(subject({ transitions: ['decided', 'in_progress', 'in_review', 'withdrawn'] }))).toEqual(['in_progress'])
  })
})

describe('deadlines', () => {
  const now = Date.parse('2026-11-26T04:00:00Z')

  it('show the next one that is open', () => {
    const all = [deadline('b', '2026-12-20T16:00:00Z'), deadline('a', '2026-11-20T16:00:00Z', 'met'), deadline('c', '2026-12-11T16:00:00Z')]
    expect(nextDeadline(subject({ deadlines: all }))?.kind).toBe('c')
    expect(nextDeadline(subject({ deadlines: [] }))).toBeNull()
  })

  it.each([
    ['2026-12-11T16:00:00Z', 'ok', '还有 15 天'],
    ['2026-11-28T16:00:00Z', 'soon', '还有 2 天'],
    ['2026-11-26T16:00:00Z', 'soon', '今天到期'],
    ['2026-11-26T03:59:59Z', 'late', '已超期 1 天'],
  ])('%s is %s: %s', (due, level, text) => {
    expect(timeLeft(deadline('decision', due), now)).toEqual({ level, text })
  })
})
