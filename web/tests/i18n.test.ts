import { describe, expect, it } from 'vitest'

import { addWords, hasWords, LANGUAGES, translate, type Key } from '../widget/i18n'
import { WORDS } from '../widget/i18n/zhCN'
import { words } from '../widget/panels/words'
import { PANEL_WORDS } from '../widget/panels/words/zhCN'

const chinese: Record<string, string> = { ...WORDS, ...PANEL_WORDS }
const traditional: Record<string, string> = words['zh-TW']
const english: Record<string, string> = words.en
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe('words of the frame', () => {
  it('keeps the words of the two scripts apart', () => {
    expect(Object.keys(WORDS).filter((key) => key in PANEL_WORDS)).toEqual([])
  })

  it.each(Object.keys(chinese))('%s is there in all three languages with the same values', (key) => {
    for (const table of [chinese, traditional, english]) {
      expect(table[key]?.trim()).toBeTruthy()
      expect(placeholders(table[key] ?? '')).toEqual(placeholders(chinese[key] ?? ''))
    }
  })

  it.each(Object.keys(chinese))('%s uses full-width punctuation in Chinese', (key) => {
    for (const table of [chinese, traditional]) expect(table[key]).not.toMatch(/[\u4e00-\u9fff][,;:?!()]/)
  })

  it('has no simplified characters in the traditional words', () => {
    const simplifiedOnly = /[这们说钱务网问题发线还请话时间评价谢过续开关闭与编号点选态讲么]/
    // What is asked of the assistant, which speaks Simplified Chinese, may stand as it is.
    for (const [key, text] of Object.entries(traditional)) if (key !== 'cases_question') expect(text).not.toMatch(simplifiedOnly)
  })

  it('puts values in and leaves unknown names alone', () => {
    expect(translate('zh-CN', 'counter', { n: 3, max: 2000 })).toBe('3 / 2000')
    expect(translate('zh-CN', 'counter_over')).toContain('{n}')
  })

  it('stays Chinese until the words of another language come', () => {
    expect(LANGUAGES.map(hasWords)).toEqual([true, false, false])
    expect(translate('en', 'send')).toBe('发送')
    expect(translate('en', 'no such key')).toBe('')
    addWords(words)
    expect(LANGUAGES.map(hasWords)).toEqual([true, true, true])
    expect(translate('en', 'send')).toBe('Send')
    expect(translate('zh-CN', 'faq_label')).toBe('搜索常见问题')
    expect(translate('zh-CN', 'send')).toBe('发送')
  })

  it('has words for every role and delivery state', () => {
    const needed = ['role_bot', 'role_agent', 'role_customer', 'role_system', 'state_sending', 'state_sent', 'state_failed']
    for (const key of needed) expect(Object.keys(WORDS)).toContain(key satisfies string as Key)
  })
})
