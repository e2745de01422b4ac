import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { FakeServer } from '../support/fakeServer'
import { aTopic } from '../support/panels'
import { pass, startServer, Widget } from '../support/widget'

let server: FakeServer
let widget: Widget

const hit = (topic: string, title: string, aspect = 'overview') => ({ topic, title, aspect, short: `${title}的简短回答` })

beforeEach(async () => {
  server = startServer()
  server.found = {
    '': [hit('transfer.limit', '转账限额'), hit('card.loss', '挂失与解挂')],
    挂失: [hit('card.loss', '挂失与解挂', 'how')],
    '<b>x</b>': [hit('card.pin', '<img src=x onerror=alert(1)>')],
  }
  server.topics = { 'card.loss': aTopic(), 'card.replace': aTopic({ topic: 'card.replace', title: '补卡与换卡', related: [] }) }
  widget = new Widget()
  await widget.open()
  await widget.clickText('.shortcut', '常见问题')
})

afterEach(() => {
  widget.unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const box = () => widget.get<HTMLInputElement>('.faq-box')
const searches = () => server.requests.filter(({ path }) => path === '/api/knowledge/search').length
const sent = () => server.messages.filter(({ role }) => role === 'customer').map(({ blocks }) => blocks[0])

async function type(words: string): Promise<void> {
  box().value = words
  box().dispatchEvent(new Event('input', { bubbles: true }))
  await pass(300)
}

describe('常见问题', () => {
  it('lists the most asked first, with the focus in the search box', async () => {
    expect(widget.texts('.found-title')).toEqual(['转账限额', '挂失与解挂'])
    expect(widget.texts('.faq-note')).toEqual(['大家常问'])
    expect(widget.root.activeElement).toBe(box())
    expect(widget.all('.composer')).toHaveLength(0)
  })

  it('searches while one types, once for a burst of keys, and says how many were found', async () => {
    const before = searches()
    for (const words of ['挂', '挂失']) {
      box().value = words
      box().dispatchEvent(new Event('input', { bubbles: true }))
      await pass(50)
    }
    await pass(300)
    expect(searches()).toBe(before + 1)
    expect(widget.texts('.found-title')).toEqual(['挂失与解挂'])
    expect(widget.spoken).toContain('找到 1 个相关问题')
  })

  it('shows only what the latest words found', async () => {
    let release: () => void = () => undefined
    const real = server.fetch
    vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
      const answer = await real(address, init)
      if (decodeURIComponent(String(address)).endsWith('q=慢')) await new Promise<void>((done) => (release = done))
      return answer
    })
    server.found['慢'] = [hit('x', '晚到的')]
    await type('慢')
    await type('挂失')
    release()
    await pass(10)
    expect(widget.texts('.found-title')).toEqual(['挂失与解挂'])
  })

  it('opens the answer that was looked for, with its sources drawn together', async () => {
    await type('挂失')
    await widget.click('.found')
    expect(widget.texts('.topic-title')).toEqual(['挂失与解挂'])
    expect(widget.all('.answer-head').map((head) => head.getAttribute('aria-expanded'))).toEqual(['false', 'true'])
    expect(widget.texts('.answer-body .text')).toEqual(['先打电话。'])
    expect(widget.texts('.answer-body .citation')).toEqual(['依据 《2025年银行客户服务规范》 第2.1、2.2条'])
    expect(widget.root.activeElement).toBe(widget.get('.topic-title'))
    await widget.click('.answer-head')
    expect(widget.texts('.answer-body .text')).toEqual(['挂失就是先停住。', '先打电话。'])
  })

  it('goes from topic to topic and back to the list where one was', async () => {
    await widget.click('[data-topic="card.loss"]')
    await widget.clickText('.related .quick', '补卡与换卡')
    expect(widget.texts('.topic-title')).toEqual(['补卡与换卡'])
    await widget.press('.topic-title', 'Escape')
    expect(widget.texts('.found-title')).toEqual(['转账限额', '挂失与解挂'])
    await widget.click('[data-topic="card.loss"]')
    await widget.click('.topic-back')
    expect((widget.root.activeElement as HTMLElement).dataset.topic).toBe('card.loss')
  })

  it('lets the bot go on', async () => {
    await widget.click('[data-topic="card.loss"]')
    await widget.clickText('.answer-body .button', '问机器人')
    expect(widget.all('.sheet')).toHaveLength(0)
    expect(sent()).toEqual([{ type: 'text', text: '挂失与解挂简介' }])
  })

  it('offers to ask the bot what was not found', async () => {
    await type('彩虹')
    expect(widget.texts('.faq-note')).toEqual(['没有找到相关的问题'])
    expect(widget.spoken).toContain('没有找到相关的问题')
    await widget.click('.faq-ask')
    expect(sent()).toEqual([{ type: 'text', text: '彩虹' }])
  })

  it('is walked through with the arrow keys', async () => {
    await widget.press('.faq-box', 'ArrowDown')
    const [first, second] = widget.all('.found')
    expect(widget.root.activeElement).toBe(first)
    first?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true }))
    expect(widget.root.activeElement).toBe(second)
    second?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true, cancelable: true }))
    first?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true, cancelable: true }))
    expect(widget.root.activeElement).toBe(box())
  })

  it('says so when the server is away, and tries again', async () => {
    server.unreachable = true
    await type('挂失')
    expect(widget.texts('.load-failed p')).toEqual(['没有加载成功，请检查网络后再试。'])
    server.unreachable = false
    await widget.click('.load-failed .button')
    expect(widget.texts('.found-title')).toEqual(['挂失与解挂'])
    expect(widget.all('.load-failed')).toHaveLength(0)
  })

  it("repeats the server's own words about a refusal", async () => {
    server.refusals = [{ path: /knowledge/, status: 429, code: 'rate_limited', text: '您发得有点快，请在 9 秒后再试。' }]
    await type('挂失')
    expect(widget.texts('.load-failed p')).toEqual(['您发得有点快，请在 9 秒后再试。'])
  })

  it('shows whatever comes as text', async () => {
    await type('<b>x</b>')
    expect(widget.texts('.found-title')).toEqual(['<img src=x onerror=alert(1)>'])
    expect(widget.all('.found img, .faq b')).toHaveLength(0)
    expect(widget.texts('.faq-ask')).toEqual(['问机器人“<b>x</b>”'])
  })

  it('goes back to the talk by Escape and by its button, with the focus in the input box', async () => {
    await widget.press('.faq-box', 'Escape')
    expect(widget.all('.sheet')).toHaveLength(0)
    expect(widget.root.activeElement).toBe(widget.get('.input'))
    await widget.clickText('.shortcut', '常见问题')
    await widget.click('.sheet-back')
    expect(widget.root.activeElement).toBe(widget.get('.input'))
    await widget.press('.input', 'Escape')
    expect(widget.all('.panel')).toHaveLength(0)
  })
})
