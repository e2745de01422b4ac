import { describe, expect, it } from 'vitest'

import { looksLikeCardNumber } from '../../widget/core/cardNumber'
import { splitLinks } from '../../widget/core/links'
import { characterCount, sendable } from '../../widget/core/text'
import { clockTime, dayKey, dayName } from '../../widget/core/time'

describe('sendable text', () => {
  it('unifies line ends, keeps tabs and newlines, drops control characters and blank edges', () => {
    expect(sendable('  一\r\n二\r三\t四\u0000\u001b\u0085 ')).toBe('一\n二\n三\t四')
  })

  it('drops lone surrogates but keeps emoji', () => {
    expect(sendable('\ud83d好\ude00😀')).toBe('好😀')
  })

  it('is empty for blank text', () => {
    expect(sendable(' \n\u0007 ')).toBe('')
  })

  it('counts characters as the server does, not UTF-16 units', () => {
    expect(characterCount('卡😀𠮷')).toBe(3)
  })
})

describe('card number hint', () => {
  it.each(['6222021234567890128', '卡号6222 0212 3456 7890 128谢谢', '6222-0212-3456-7890-128', '６２２２０２１２３４５６７８９０１２８'])(
    'recognises %s',
    (text) => expect(looksLikeCardNumber(text)).toBe(true),
  )

  it.each(['6222021234567890129', '13800138000', '0000000000000000', '转账 5000 元', '订单 20261123'])(
    'stays quiet for %s',
    (text) => expect(looksLikeCardNumber(text)).toBe(false),
  )
})

describe('links', () => {
  const hosts = ['www.bank.example']
  const live = (text: string) => splitLinks(text, hosts).filter((part) => part.href)

  it('makes an https address of a configured host live, without the sentence around it', () => {
    expect(splitLinks('请看 https://www.bank.example/a?b=1。谢谢', hosts)).toEqual([
      { text: '请看 ', href: null },
      { text: 'https://www.bank.example/a?b=1', href: 'https://www.bank.example/a?b=1' },
      { text: '。谢谢', href: null },
    ])
  })

  it.each([
    'http://www.bank.example/',
    'https://evil.example/',
    'https://www.bank.example.evil.example/',
    'https://www.bank.example@evil.example/',
    'https://user:pass@www.bank.example/',
    'https://www.bank.example:8443/',
    'javascript:alert(1)',
    'https://',
  ])('leaves %s as text', (text) => {
    expect(live(text)).toEqual([])
    expect(splitLinks(text, hosts).map((part) => part.text).join('')).toBe(text)
  })

  it('loses no character of any text', () => {
    const text = 'a https://www.bank.example/x, https://evil.example/y (https://www.bank.example/z).'
    expect(splitLinks(text, hosts).map((part) => part.text).join('')).toBe(text)
    expect(live(text).map((part) => part.href)).toEqual(['https://www.bank.example/x', 'https://www.bank.example/z'])
  })
})

describe('times', () => {
  it('shows hours and minutes with leading zeros, in local time', () => {
    expect(clockTime(new Date(2026, 10, 23, 8, 5).toISOString())).toBe('08:05')
    expect(clockTime('yesterday')).toBe('')
  })

  it('names today, yesterday and other days', () => {
    const now = new Date(2026, 0, 1, 9)
    expect(dayName(new Date(2026, 0, 1, 0, 1).toISOString(), 'zh-CN', now)).toBe('today')
    expect(dayName(new Date(2025, 11, 31, 23, 59).toISOString(), 'zh-CN', now)).toBe('yesterday')
    expect(dayName(new Date(2025, 11, 30).toISOString(), 'zh-CN', now)).toBe('2025年12月30日')
    expect(dayKey(new Date(2025, 11, 30).toISOString())).toBe('2025-12-30')
  })
})
