import { describe, expect, it } from 'vitest'

import { LANGUAGES, translate, type Key } from '../widget/i18n'
import { WORDS } from '../widget/i18n/words'

const entries = Object.entries(WORDS)
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe('words of the frame', () => {
  it.each(entries)('%s is there in all three languages with the same values', (_key, words) => {
    expect(words).toHaveLength(LANGUAGES.length)
    for (const text of words) {
      expect(text.trim()).not.toBe('')
      expect(placeholders(text)).toEqual(placeholders(words[0] ?? ''))
    }
  })

  it.each(entries)('%s uses full-width punctuation in Chinese', (_key, [simplified, traditional]) => {
    for (const text of [simplified, traditional]) expect(text).not.toMatch(/[\u4e00-\u9fff][,;:?!()]/)
  })

  it('has no simplified characters in the traditional column', () => {
    const simplifiedOnly = /[这们说钱务网问题发线还请话时间评价谢过续开关闭与]/
    for (const [, [, traditional]] of entries) expect(traditional).not.toMatch(simplifiedOnly)
  })

  it('puts values in and leaves unknown names alone', () => {
    expect(translate('zh-CN', 'counter', { n: 3, max: 2000 })).toBe('3 / 2000')
    expect(translate('en', 'counter_over')).toContain('{n}')
  })

  it('has words for every role and delivery state', () => {
    const needed = ['role_bot', 'role_agent', 'role_customer', 'role_system', 'state_sending', 'state_sent', 'state_failed']
    for (const key of needed) expect(Object.keys(WORDS)).toContain(key satisfies string as Key)
  })
})
