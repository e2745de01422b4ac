import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { KEPT_FOR_MS, useDrafts } from '../../console/stores/drafts'

function reloaded(staffNo = '1001') {
  setActivePinia(createPinia())
  const drafts = useDrafts()
  drafts.open(staffNo)
  return drafts
}

beforeEach(() => localStorage.clear())
afterEach(() => vi.useRealTimers())

describe('drafts', () => {
  it('are there again after a reload, for each chat its own', () => {
    const drafts = reloaded()
    drafts.change('c1', { reply: '您好，关于补卡' })
    drafts.change('c2', { note: '回访' })
    expect(reloaded().of('c1').reply).toBe('您好，关于补卡')
    expect(reloaded().of('c2').note).toBe('回访')
  })

  it('belong to the agent who wrote them', () => {
    reloaded().change('c1', { reply: '只有我能看' })
    expect(reloaded('1002').of('c1').reply).toBe('')
    expect(reloaded('1001').of('c1').reply).toBe('只有我能看')
  })

  it('leave nothing behind when they are empty, given up, or the agent signs out', () => {
    const drafts = reloaded()
    drafts.change('c1', { reply: '一' })
    drafts.change('c1', { reply: '' })
    expect(localStorage.length).toBe(0)
    drafts.change('c1', { reply: '二' })
    drafts.remove('c1')
    expect(localStorage.length).toBe(0)
    drafts.change('c1', { reply: '三' })
    drafts.forget()
    expect(localStorage.length).toBe(0)
  })

  it('are forgotten after a day', () => {
    vi.useFakeTimers()
    reloaded().change('c1', { reply: '昨天的话' })
    vi.advanceTimersByTime(KEPT_FOR_MS + 1)
    expect(reloaded().of('c1').reply).toBe('')
    expect(localStorage.length).toBe(0)
  })

  it.each(['不是 JSON', '[1,2]', 'null', '"x"'])('bear a damaged storage: %s', (raw) => {
    localStorage.setItem('nuoyan:desk:drafts:1001', raw)
    expect(reloaded().of('c1').reply).toBe('')
  })

  it('stay in memory when the storage is full', () => {
    const drafts = reloaded()
    vi.spyOn(localStorage, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    drafts.change('c1', { reply: '还在' })
    expect(drafts.of('c1').reply).toBe('还在')
  })
})
