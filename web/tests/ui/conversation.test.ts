import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Block } from '../../widget/core/types'
import type { FakeServer } from '../support/fakeServer'
import { pass, startServer, Widget } from '../support/widget'

let server: FakeServer
let widget: Widget

beforeEach(() => {
  server = startServer()
})

afterEach(() => {
  widget.unmount()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function opened(...args: ConstructorParameters<typeof Widget>): Promise<void> {
  widget = new Widget(...args)
  await widget.open()
}

async function said(blocks: Block[]): Promise<void> {
  server.say('bot', blocks)
  await pass()
}

const ATTACK = '<img src=x onerror="alert(1)"><b>粗</b><script>alert(2)</scr' + 'ipt>&lt;i&gt;'

/** Every place of every block where the server's words appear. */
const HOSTILE: Block[] = [
  { type: 'text', text: ATTACK },
  { type: 'buttons', title: ATTACK, buttons: [{ id: ATTACK, title: ATTACK }] },
  { type: 'steps', title: ATTACK, items: [ATTACK] },
  { type: 'facts', kind: ATTACK, title: ATTACK, items: [{ label: ATTACK, text: ATTACK }] },
  { type: 'citation', source: ATTACK, clause: ATTACK, date: ATTACK },
  { type: 'case', title: ATTACK, text: ATTACK, number: ATTACK, status: ATTACK, timeline: [{ at: ATTACK, text: ATTACK }] },
  { type: 'form', asks_for: ATTACK, title: ATTACK },
  { type: 'notice', kind: ATTACK, text: ATTACK },
  { type: 'handoff', state: 'offered', text: ATTACK },
  { type: 'rating', title: ATTACK },
  { type: 'hologram', text: ATTACK } as unknown as Block,
]

describe('what the server says', () => {
  it.each(HOSTILE.map((block) => [block.type, block] as const))('stays text in a %s block', async (_type, block) => {
    await opened()
    await said([block])
    const bubble = widget.all('.row.from-bot').at(-1)
    expect(bubble?.textContent).toContain(ATTACK)
    expect(bubble?.querySelectorAll('img, b, script, i')).toHaveLength(0)
  })

  it('stays text in an error, too', async () => {
    await opened()
    server.refusals = [{ path: /POST .*messages/, status: 422, code: 'invalid_request', text: ATTACK }]
    await widget.send('你好')
    expect(widget.get('.delivery-error').textContent).toBe(ATTACK)
    expect(widget.all('img')).toHaveLength(0)
  })

  it('makes only https links of configured hosts live', async () => {
    await opened()
    await said([{ type: 'text', text: '看 https://www.bank.example/a 或 https://evil.example/ 或 javascript:alert(1)' }])
    const links = widget.all<HTMLAnchorElement>('.bubble a')
    expect(links.map((link) => [link.getAttribute('href'), link.rel, link.target])).toEqual([
      ['https://www.bank.example/a', 'noopener noreferrer', '_blank'],
    ])
  })

  it('shows something for a kind of block that is not known yet', async () => {
    await opened()
    await said([{ type: 'hologram', data: 1 } as unknown as Block])
    expect(widget.texts('.row.from-bot .text').at(-1)).toBe('这条内容请在最新版本中查看。')
  })

  it('carries the label of its speaker on every bubble', async () => {
    await opened()
    await said([{ type: 'text', text: '一' }])
    await said([{ type: 'citation', source: '规范', clause: '2.1' }])
    server.say('agent', [{ type: 'text', text: '我来帮您' }])
    await pass()
    expect(widget.texts('.from-bot .bubble .role')).toEqual(['机器人', '机器人', '机器人'])
    expect(widget.texts('.from-agent .bubble .role')).toEqual(['人工客服'])
  })

  it('shows the source as one line', async () => {
    await opened()
    await said([{ type: 'citation', source: '2025年银行客户服务规范', clause: '1.1', date: '2025-06-01' }])
    expect(widget.texts('.citation')).toEqual(['依据 《2025年银行客户服务规范》 第1.1条（2025-06-01）'])
  })
})

describe('quick replies', () => {
  const offer: Block = { type: 'buttons', title: '您想问的是', buttons: [{ id: 'b1', title: '补卡' }, { id: 'b2', title: '挂失' }] }
  const buttons = () => widget.all<HTMLButtonElement>('.quick')
  const isUsed = (button: HTMLButtonElement) => button.getAttribute('aria-disabled') === 'true'

  it('are buttons that can be used once', async () => {
    await opened()
    await said([offer])
    expect(buttons().map((button) => [button.tagName, isUsed(button)])).toEqual([['BUTTON', false], ['BUTTON', false]])
    for (const index of [0, 0, 1]) {
      buttons()[index]?.click()
      await pass()
    }
    expect(buttons().map(isUsed)).toEqual([true, true])
    expect(buttons().map((button) => button.getAttribute('aria-pressed'))).toEqual(['true', null])
    const sent = server.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/messages'))
    expect(sent.map(({ body }) => body)).toEqual([{ client_id: expect.any(String), button_id: 'b1' }])
  })

  it('stay used after a reload', async () => {
    await opened()
    await said([offer])
    server.say('customer', [{ type: 'text', text: '挂失' }], { client_id: 'x' })
    widget.unmount()
    await opened()
    expect(buttons().map((button) => [isUsed(button), button.getAttribute('aria-pressed')])).toEqual([[true, null], [true, 'true']])
  })
})

describe('delivery', () => {
  it('offers to send again what did not get through', async () => {
    await opened()
    server.refusals = [{ path: /POST .*messages/, status: 429, code: 'rate_limited', text: '您发得太快了。' }]
    await widget.send('你好')
    expect(widget.texts('.delivery')).toEqual(['未送达'])
    expect(widget.texts('.delivery-error')).toEqual(['您发得太快了。'])
    server.refusals = []
    await widget.click('.resend')
    expect(widget.texts('.delivery')).toEqual(['已发送'])
    expect(widget.all('.resend')).toHaveLength(0)
  })

  it('says that secrets were hidden', async () => {
    server.mask = () => ({ text: '卡号 ****', masked: ['card'] })
    await opened()
    await widget.send('卡号 6222021234567890128')
    expect(widget.texts('.from-customer .text')).toEqual(['卡号 ****'])
    expect(widget.texts('.masked')).toEqual(['为保护您的安全，其中的敏感信息已遮盖'])
  })

  it('shows a banner while the line is down, and takes it away', async () => {
    await opened()
    server.unreachable = true
    server.dropSockets()
    await pass(1_500)
    expect(widget.texts('.banner')).toEqual(['正在连接…'])
    server.unreachable = false
    await pass(30_000)
    expect(widget.all('.banner')).toHaveLength(0)
  })
})

describe('opinions', () => {
  async function answered(): Promise<void> {
    await opened()
    await widget.send('天气')
    await said([{ type: 'text', text: '帮不上忙' }])
  }
  const given = () => server.requests.filter(({ path }) => path.endsWith('/feedback')).map(({ body }) => body)

  it('are not asked for under the welcome', async () => {
    await opened()
    expect(widget.all('.thumb')).toHaveLength(0)
  })

  it('are thanked for', async () => {
    await answered()
    await widget.click('[aria-label="有帮助"]')
    expect(given()).toEqual([{ seq: 3, value: 'up' }])
    expect(widget.texts('.thanks')).toEqual(['谢谢您的评价'])
    expect(widget.get('[aria-label="有帮助"]').getAttribute('aria-pressed')).toBe('true')
  })

  it('may name reasons and words of their own', async () => {
    await answered()
    await widget.click('[aria-label="没帮助"]')
    expect(given()).toEqual([{ seq: 3, value: 'down' }])
    for (const box of widget.all<HTMLInputElement>('.reasons input[type="checkbox"]').slice(0, 2)) box.click()
    const more = widget.get<HTMLInputElement>('.more-input')
    more.value = ' 我问的是换卡 '
    more.dispatchEvent(new Event('input'))
    await pass()
    await widget.click('.reasons button[type="submit"]')
    expect(given().at(-1)).toEqual({ seq: 3, value: 'down', reason: '答非所问；内容有误；我问的是换卡' })
    expect(widget.texts('.thanks')).toEqual(['谢谢您的评价'])
    expect(widget.all('.reasons')).toHaveLength(0)
  })

  it('say so when they did not arrive', async () => {
    await answered()
    server.unreachable = true
    await widget.click('[aria-label="有帮助"]')
    expect(widget.texts('.feedback-failed')).toEqual(['没有提交成功，请再试一次'])
    expect(widget.all('.thanks')).toHaveLength(0)
  })
})
