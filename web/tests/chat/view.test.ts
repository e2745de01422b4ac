import { describe, expect, it } from 'vitest'

import { spokenText } from '../../widget/chat/announce'
import { citationText, withMergedCitations } from '../../widget/chat/citation'
import { askedFor, speakerOf, toRows } from '../../widget/chat/view'
import type { Block, Entry, Role } from '../../widget/core/types'
import { translate, type Translate } from '../../widget/i18n'

const t: Translate = (key, values) => translate('zh-CN', key, values)
const text = (words: string): Block => ({ type: 'text', text: words })
const choice: Block = { type: 'buttons', buttons: [{ id: 'b1', title: '补卡' }, { id: 'b2', title: '挂失' }] }

let seq = 0
function entry(role: Role, blocks: Block[], extra: Partial<Entry> = {}): Entry {
  seq += 1
  return {
    key: String(seq),
    seq,
    clientId: null,
    role,
    blocks,
    createdAt: '2026-11-23T02:00:00Z',
    masked: [],
    state: 'sent',
    error: null,
    buttonId: null,
    agent: null,
    ...extra,
  }
}

describe('rows of the list', () => {
  it('name a day once', () => {
    const rows = toRows([
      entry('bot', [text('一')]),
      entry('bot', [text('二')]),
      entry('bot', [text('三')], { createdAt: '2026-11-25T02:00:00Z' }),
    ])
    expect(rows.map((row) => row.newDay !== null)).toEqual([true, false, true])
  })

  it('ask for an opinion under answers only', () => {
    const citation: Block = { type: 'citation', source: '规范', clause: '1.1' }
    const rows = toRows([
      entry('bot', [text('欢迎')]),
      entry('customer', [text('怎么换卡')]),
      entry('bot', [text('这样换'), citation, choice]),
      entry('bot', [text('您想问的是'), choice]),
      entry('bot', [text('这件事我帮不上忙')]),
      entry('bot', [text('可以请人工'), { type: 'handoff', state: 'offered' }]),
      entry('bot', [{ type: 'notice', kind: 'bot', text: '我是机器人' }]),
      entry('system', [text('提示')]),
      entry('agent', [text('我来帮您')]),
    ])
    expect(rows.map((row) => row.isAnswer)).toEqual([false, false, true, false, true, false, false, false, false])
  })

  it('know the button that was used, by its id at once and by its title after a reload', () => {
    const offer = entry('bot', [text('您想问的是'), choice])
    const chosen = (later: Entry[]) => toRows([offer, ...later])[0]?.chosen
    expect(chosen([])).toEqual([null, null])
    expect(chosen([entry('customer', [text('补卡')], { buttonId: 'b1', state: 'sending' })])).toEqual([null, 'b1'])
    expect(chosen([entry('customer', [text('挂失')])])).toEqual([null, 'b2'])
    expect(chosen([entry('customer', [text('别的事')])])).toEqual([null, null])
    expect(chosen([entry('bot', [text('补卡')])])).toEqual([null, null])
  })

  it('leave an older offer of the same title alone when another button was used', () => {
    const other: Block = { type: 'buttons', buttons: [{ id: 'x9', title: '补卡' }] }
    const rows = toRows([entry('bot', [choice]), entry('bot', [other]), entry('customer', [text('补卡')], { buttonId: 'x9' })])
    expect(rows.map((row) => row.chosen[0])).toEqual([null, 'x9', null])
  })
})

describe('the line about the source', () => {
  it.each([
    [{ source: '2025年银行客户服务规范', clause: '2.1' }, '依据 《2025年银行客户服务规范》 第2.1条'],
    [{ source: '《储蓄管理条例》', clause: '第30、31条', date: '2011-01-08' }, '依据 《储蓄管理条例》 第30、31条（2011-01-08）'],
    [{ source: '规范', clause: '账户分类' }, '依据 《规范》 账户分类'],
    [{ source: '规范', clause: null, date: null }, '依据 《规范》'],
  ])('%o', (block, line) => expect(citationText({ type: 'citation', ...block }, t)).toBe(line))
})

describe('what a screen reader speaks', () => {
  it('names the speaker and leaves out what is not for people', () => {
    const blocks: Block[] = [
      text('请带上证件。'),
      { type: 'steps', title: '步骤', items: ['取号', '办理'] },
      { type: 'facts', kind: 'fee', title: '费用', items: [{ label: '工本费', text: '免费' }] },
      { type: 'citation', source: '规范', clause: '2.1', certainty: 'M' },
      choice,
    ]
    expect(spokenText('bot', blocks, t).split('\n')).toEqual([
      '机器人', '请带上证件。', '步骤', '取号', '办理', '费用', '工本费', '免费', '依据 《规范》 第2.1条', '补卡', '挂失',
    ])
  })

  it('is nothing for an empty message', () => {
    expect(spokenText('bot', [], t)).toBe('')
  })
})

describe('sources of one document', () => {
  const std = (clause: string | null): Block => ({ type: 'citation', source: '《规范》', clause, date: '2025' })
  const law: Block = { type: 'citation', source: '《储蓄管理条例》', clause: '第30条' }

  it('share a line, in the order of their first mention', () => {
    const merged = withMergedCitations([text('答'), std('2.1'), law, std('2.2'), std('2.1')])
    expect(merged.map((block) => (block.type === 'citation' ? citationText(block, t) : ''))).toEqual([
      '',
      '依据 《规范》 第2.1、2.2条（2025）',
      '依据 《储蓄管理条例》 第30条',
    ])
    expect(spokenText('bot', [text('答'), std('2.1'), std('2.2')], t).split('\n')).toHaveLength(3)
  })

  it('stay apart when they are of different dates, and lose no clause', () => {
    const other: Block = { type: 'citation', source: '《规范》', clause: '2.1', date: '2024' }
    expect(withMergedCitations([std('2.1'), other])).toHaveLength(2)
    expect(withMergedCitations([std(null), std('2.2')])).toEqual([std('2.2')])
  })

  it('leave the log as it is', () => {
    const blocks = [std('2.1'), std('2.2')]
    withMergedCitations(blocks)
    expect(blocks).toEqual([std('2.1'), std('2.2')])
  })
})

describe('who speaks', () => {
  const notice = (kind: string, words: string): Block => ({ type: 'notice', kind, text: words })
  const queued = entry('system', [notice('queue', '您前面还有 2 位客户')])
  const joined = entry('system', [notice('human', '人工客服（工号 1001）为您服务')])

  it('is the bot until somebody else does', () => {
    expect(speakerOf([], null)).toEqual({ who: 'bot', agent: null, waiting: null })
    expect(speakerOf([entry('bot', [text('您好')])], null).who).toBe('bot')
  })

  it('is nobody while one waits, with the latest place', () => {
    const later = entry('system', [notice('queue', '您排在第 1 位')])
    expect(speakerOf([queued, later], null)).toEqual({ who: 'queue', agent: null, waiting: '您排在第 1 位' })
  })

  it('is an agent by number, until the bot goes on', () => {
    expect(speakerOf([queued, joined], null)).toEqual({ who: 'human', agent: '1001', waiting: null })
    expect(speakerOf([joined, entry('agent', [text('好')], { agent: '1002' })], null).agent).toBe('1002')
    expect(speakerOf([joined, entry('customer', [text('谢谢')])], null).who).toBe('human')
    expect(speakerOf([joined, entry('system', [notice('bot', '已转回智能客服')])], null).who).toBe('bot')
    expect(speakerOf([joined, entry('system', [notice('system', '已结束'), { type: 'rating' }])], null).who).toBe('bot')
    expect(speakerOf([queued, entry('system', [{ type: 'handoff', state: 'message' }])], null).who).toBe('bot')
  })
})

describe('who speaks, as the desk says', () => {
  const queued = entry('system', [{ type: 'notice', kind: 'queue', text: '您排在第 1 位' }])
  const desk = { agent: null, place: null, wait_s: null }

  it('counts more than the log', () => {
    expect(speakerOf([queued], { ...desk, owner: 'human', agent: '1003' })).toMatchObject({ who: 'human', agent: '1003' })
    expect(speakerOf([], { ...desk, owner: 'queue', place: 2, wait_s: 90 })).toMatchObject({ who: 'queue' })
    expect(speakerOf([queued], { ...desk, owner: 'bot' })).toMatchObject({ who: 'bot' })
  })
})

describe('what is asked for', () => {
  const form: Block = { type: 'form', asks_for: 'otp', title: '请输入验证码' }

  it('is the form of the last message until it is answered', () => {
    expect(askedFor([])).toBeNull()
    expect(askedFor([entry('bot', [text('好'), form])])).toEqual(form)
    expect(askedFor([entry('bot', [form]), entry('customer', [text('123456')])])).toBeNull()
    expect(askedFor([entry('bot', [form]), entry('bot', [text('先回答您')])])).toBeNull()
  })
})
