import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { FakeServer } from '../support/fakeServer'
import { pass, startServer, Widget } from '../support/widget'

let server: FakeServer
let widget: Widget

beforeEach(async () => {
  server = startServer()
  widget = new Widget()
  await widget.open()
})

afterEach(() => {
  widget.unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const bodies = (ending: string) => server.requests.filter(({ path }) => path.endsWith(ending)).map(({ body }) => body)

async function write(text: string): Promise<void> {
  const field = widget.get<HTMLTextAreaElement>('.sheet .field')
  field.value = text
  field.dispatchEvent(new Event('input', { bubbles: true }))
  await pass()
}

describe('rating', () => {
  beforeEach(async () => {
    server.say('system', [{ type: 'rating', title: '请为本次人工服务评分' }])
    await pass(1)
    expect(widget.texts('.rating-block .block-title')).toEqual(['请为本次人工服务评分'])
    await widget.clickText('.rating-block .button', '评价服务')
  })

  const stars = () => widget.all<HTMLInputElement>('.star input')
  async function give(count: number): Promise<void> {
    stars()[count - 1]?.dispatchEvent(new Event('change', { bubbles: true }))
    await pass(1)
  }

  it('is a named group of stars, each with its own name', () => {
    expect(widget.texts('.stars legend')).toEqual(['请您评价这次服务'])
    expect(widget.texts('.star .sr-only')).toEqual(['1 星', '2 星', '3 星', '4 星', '5 星'])
    expect(widget.get<HTMLButtonElement>('.rating-form .primary').disabled).toBe(true)
  })

  it('sends stars, reasons and words', async () => {
    await give(5)
    expect(widget.all('.star[data-on]')).toHaveLength(5)
    expect(widget.texts('.stars-words')).toEqual(['非常满意'])
    const [first] = widget.all<HTMLInputElement>('.reason-group input')
    first?.dispatchEvent(new Event('change', { bubbles: true }))
    await write(' 讲得很明白 ')
    await widget.click('.rating-form .primary')
    expect(bodies('/rating')).toEqual([{ stars: 5, reasons: ['态度好'], text: '讲得很明白' }])
    expect(widget.texts('.empty-title')).toEqual(['谢谢您的评价'])
    expect(widget.root.activeElement).toBe(widget.get('.empty-title'))
  })

  it('asks for other reasons when one is not satisfied, and forgets the first ones', async () => {
    await give(5)
    widget.all<HTMLInputElement>('.reason-group input')[0]?.dispatchEvent(new Event('change', { bubbles: true }))
    await give(2)
    expect(widget.texts('.reason-group .choice')).toContain('等得太久')
    await widget.click('.rating-form .primary')
    expect(bodies('/rating')).toEqual([{ stars: 2, reasons: [], text: '' }])
  })

  it('offers the reasons of the desk', async () => {
    server.pushDesk({ rating: { agent: '1001', good: ['很耐心'], bad: ['没听懂我'] } })
    await give(4)
    expect(widget.texts('.reason-group .choice')).toEqual(['很耐心'])
    await give(1)
    expect(widget.texts('.reason-group .choice')).toEqual(['没听懂我'])
  })

  it('may be declined', async () => {
    await widget.clickText('.rating-form .button', '暂不评价')
    expect(bodies('/rating')).toEqual([{ declined: true }])
    expect(widget.all('.sheet')).toHaveLength(0)
  })

  it('is not invited twice', async () => {
    await widget.click('.sheet-back')
    server.pushDesk({ rating: null })
    await pass()
    expect(widget.texts('.rating-block')).toEqual(['请为本次人工服务评分感谢您的支持'])
    server.pushDesk({ rating: { agent: null, good: [], bad: [] } })
    await pass()
    expect(widget.texts('.rating-block .button')).toEqual(['评价服务'])
    await widget.click('.menu .tool')
    expect(widget.texts('.menu-item')).toContain('评价服务')
  })

  it('says why it was not taken, and keeps it', async () => {
    server.refusals = [{ path: /rating/, status: 404, code: 'no_rating', text: '现在没有需要评价的服务。' }]
    await give(3)
    await widget.click('.rating-form .primary')
    expect(widget.texts('.feedback-failed')).toEqual(['现在没有需要评价的服务。'])
    expect(widget.all('.star[data-on]')).toHaveLength(3)
  })
})

describe('leaving a message', () => {
  beforeEach(async () => {
    await widget.click('.menu .tool')
    await widget.clickText('.menu-item', '给我们留言')
  })

  it('says when it will be answered and sends it once', async () => {
    expect(widget.texts('.message-form .faq-note')[0]).toBe('人工服务时间：每日 8:00–22:00')
    expect(widget.get<HTMLButtonElement>('.message-form .primary').disabled).toBe(true)
    expect(widget.texts('.message-form > p')[0]).toContain('写下您的问题')
    await write('  网点空调坏了 ')
    await widget.click('.message-form .primary')
    expect(bodies('/leave')).toEqual([{ client_id: expect.any(String), text: '网点空调坏了' }])
    expect(widget.all('.sheet')).toHaveLength(0)
    expect(widget.texts('.from-customer .text')).toEqual(['网点空调坏了'])
    expect(widget.texts('.handoff-card .text')).toEqual(['人工客服会在服务时间内答复。'])
  })

  it('may name a telephone, which is checked', async () => {
    await write('网点空调坏了')
    const phone = widget.get<HTMLInputElement>('input[type="tel"]')
    for (const [number, good] of [['abc', false], ['138', false], ['138 0000 5678', true]] as const) {
      phone.value = number
      phone.dispatchEvent(new Event('input', { bubbles: true }))
      await pass()
      expect(widget.get<HTMLButtonElement>('.message-form .primary').disabled).toBe(!good)
      expect(widget.all('.feedback-failed')).toHaveLength(good ? 0 : 1)
    }
    await widget.click('.message-form .primary')
    expect(bodies('/leave')).toMatchObject([{ text: '网点空调坏了', phone: '138 0000 5678' }])
  })

  it('says when an earlier one is still open', async () => {
    server.pushDesk({ left: { case_number: 'NY261126-7KQ4MX-R' } })
    await pass()
    expect(widget.texts('.message-form > p')[0]).toBe('您的留言（NY261126-7KQ4MX-R）正在处理，补充的内容会并在一起。')
  })

  it('keeps what did not arrive', async () => {
    server.unreachable = true
    await write('网点空调坏了')
    await widget.click('.message-form .primary')
    await pass(1)
    expect(widget.texts('.feedback-failed')).toEqual(['没有加载成功，请检查网络后再试。'])
    server.unreachable = false
    await widget.click('.message-form .primary')
    const [first, second] = bodies('/leave') as { client_id: string }[]
    expect(second?.client_id).toBe(first?.client_id)
  })

  it('warns of card numbers and of too many words', async () => {
    await write('我的卡 6222 0212 3456 7890 128')
    expect(widget.all('.message-form .hint.warning')).toHaveLength(1)
    await write('长'.repeat(2001))
    expect(widget.get<HTMLButtonElement>('.message-form .primary').disabled).toBe(true)
    expect(widget.texts('.feedback-failed')).toEqual(['超出 1 字，请删减后再发送'])
  })
})

describe('the transcript', () => {
  let saved: { name: string; text: Promise<string> }[]

  beforeEach(() => {
    saved = []
    let latest: Blob
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: (blob: Blob) => ((latest = blob), 'blob:x'), revokeObjectURL: () => undefined }))
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push({ name: this.download, text: latest.text() })
    })
  })

  it('is a text file of the masked log with speakers, times and sources', async () => {
    server.mask = () => ({ text: '卡号〔卡号尾号0128〕', masked: ['card'] })
    await widget.send('卡号 6222021234567890128')
    server.say('agent', [{ type: 'text', text: '我来帮您' }], { agent: '1001' })
    server.say('bot', [
      { type: 'steps', title: '办理步骤', items: ['先挂失', '再补卡'] },
      { type: 'facts', kind: 'fee', title: '费用', items: [{ label: '工本费', text: '免费' }] },
      { type: 'citation', source: '规范', clause: '2.1' },
      { type: 'citation', source: '规范', clause: '2.2' },
    ])
    await pass(1)
    await widget.click('.menu .tool')
    await widget.clickText('.menu-item', '下载对话记录')
    expect(saved.map(({ name }) => name)).toEqual(['对话记录-2026-11-23.txt'])
    const text = (await saved[0]?.text) ?? ''
    expect(text).toContain('诺言银行 在线客服对话记录')
    expect(text).toContain('会话编号 c1')
    expect(text).toMatch(/\] 您\r\n {2}卡号〔卡号尾号0128〕/)
    expect(text).not.toContain('6222021234567890128')
    expect(text).toMatch(/\] 人工客服 工号 1001\r\n {2}我来帮您/)
    expect(text).toContain('  1. 先挂失\r\n  2. 再补卡')
    expect(text).toContain('· 工本费：免费')
    expect(text).toContain('依据 《规范》 第2.1、2.2条')
    expect(widget.all('.menu-sheet')).toHaveLength(0)
  })

  it('says so when the log cannot be fetched', async () => {
    await widget.click('.menu .tool')
    server.refusals = [{ path: /GET .*messages/, status: 503, code: 'store_unavailable', text: '系统繁忙，请稍后再试。' }]
    await widget.clickText('.menu-item', '下载对话记录')
    expect(widget.texts('.menu-problem')).toEqual(['系统繁忙，请稍后再试。'])
    expect(saved).toEqual([])
  })
})
