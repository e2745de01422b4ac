import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Options } from '../../widget/core/options'
import type { FakeServer } from '../support/fakeServer'
import { API, pass, startServer, Widget } from '../support/widget'

let server: FakeServer
let widget: Widget

beforeEach(() => {
  server = startServer()
})

afterEach(() => {
  widget.unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function opened(options: Partial<Options> = {}): Promise<void> {
  widget = new Widget(options)
  await widget.open()
}

const input = () => widget.get<HTMLTextAreaElement>('.input')
const focused = () => widget.root.activeElement
const sent = () =>
  server.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/messages')).map(({ body }) => body)

describe('opening and closing', () => {
  it('costs the server nothing until the panel is opened', async () => {
    widget = new Widget()
    await pass(60_000)
    expect(server.requests).toEqual([])
    await widget.open()
    expect(server.conversations).toBe(1)
  })

  it('is a named modal dialog with the focus in the input box', async () => {
    await opened()
    const dialog = widget.get('[role="dialog"]')
    expect(dialog.getAttribute('aria-modal')).toBe('true')
    const names = dialog.getAttribute('aria-labelledby')?.split(' ').map((id) => widget.get(`#${id}`).textContent)
    expect(names).toEqual(['诺言银行', '智能客服机器人'])
    expect(focused()).toBe(input())
  })

  it('closes on Escape and returns the focus to the launcher', async () => {
    await opened()
    await widget.press('.input', 'Escape')
    expect(widget.all('[role="dialog"]')).toHaveLength(0)
    expect(focused()).toBe(widget.get('.launcher'))
  })

  it('closes the menu first', async () => {
    await opened()
    await widget.click('.menu .tool')
    await widget.press('.menu-item', 'Escape')
    expect(widget.all('.menu-sheet')).toHaveLength(0)
    expect(focused()).toBe(widget.get('.menu .tool'))
    expect(widget.all('[role="dialog"]')).toHaveLength(1)
  })

  it('keeps Tab inside, in both directions', async () => {
    await opened()
    await widget.type('你好')
    const first = widget.get('.handoff-button')
    const last = widget.get('.send')
    last.focus()
    expect(await widget.press('.send', 'Tab')).toBe(true)
    expect(focused()).toBe(first)
    expect(await widget.press('.handoff-button', 'Tab', { shiftKey: true })).toBe(true)
    expect(focused()).toBe(last)
    input().focus()
    expect(await widget.press('.input', 'Tab')).toBe(false)
  })

  it('keeps unsent words while it is closed', async () => {
    await opened()
    await widget.type('写到一半')
    await widget.click('[aria-label="关闭客服窗口"]')
    await widget.open()
    expect(input().value).toBe('写到一半')
  })

  it('opens from a marked element of the host page and returns the focus there', async () => {
    document.body.innerHTML = '<a id="help" href="/app" data-nuoyan-open><b>客服</b></a>'
    widget = new Widget()
    const link = document.querySelector<HTMLElement>('#help')
    const click = new MouseEvent('click', { bubbles: true, cancelable: true })
    link?.querySelector('b')?.dispatchEvent(click)
    await pass(1)
    expect(click.defaultPrevented).toBe(true)
    expect(widget.all('[role="dialog"]')).toHaveLength(1)
    await widget.press('.input', 'Escape')
    expect(document.activeElement).toBe(link)
  })

  it('counts messages that arrive while it is closed', async () => {
    await opened()
    await widget.press('.input', 'Escape')
    server.say('bot', [{ type: 'text', text: '一' }])
    server.say('agent', [{ type: 'text', text: '二' }])
    await pass()
    expect(widget.get('.launcher').getAttribute('aria-label')).toBe('打开在线客服，有 2 条新消息')
    await widget.open()
    await widget.press('.input', 'Escape')
    expect(widget.get('.launcher').getAttribute('aria-label')).toBe('打开在线客服')
  })
})

describe('the live region', () => {
  it('is one, and polite', async () => {
    widget = new Widget()
    const regions = () => widget.all('[aria-live], [role="alert"], [role="log"], [role="status"]')
    expect(regions().map((region) => region.getAttribute('aria-live'))).toEqual(['polite'])
    await widget.open()
    expect(regions().map((region) => region.getAttribute('aria-live'))).toEqual(['polite'])
    expect(widget.get('[role="dialog"]').contains(regions()[0] ?? null)).toBe(true)
  })

  it('speaks new messages of the bot, not own ones', async () => {
    await opened()
    await widget.send('怎么换卡')
    server.say('bot', [{ type: 'text', text: '这样换' }])
    await pass()
    expect(widget.spoken).toEqual(['机器人 您好', '机器人 这样换'])
  })

  it('does not speak the history', async () => {
    await opened()
    await widget.send('怎么换卡')
    server.say('bot', [{ type: 'text', text: '这样换' }])
    await pass()
    widget.unmount()
    await opened()
    expect(widget.all('.row')).toHaveLength(3)
    expect(widget.spoken).toEqual([])
  })

  it('speaks what was missed while the line was down, once', async () => {
    await opened()
    server.unreachable = true
    server.dropSockets()
    await pass()
    server.store('bot', '错过的')
    server.unreachable = false
    await pass(40_000)
    expect(widget.spoken.filter((line) => line.includes('错过的'))).toHaveLength(1)
  })
})

describe('the input box', () => {
  beforeEach(() => opened())

  it('sends on Enter and empties itself', async () => {
    await widget.type('怎么换卡')
    expect(await widget.press('.input', 'Enter')).toBe(true)
    expect(sent()).toMatchObject([{ text: '怎么换卡' }])
    expect(input().value).toBe('')
  })

  it('makes a new line on Shift+Enter', async () => {
    await widget.type('第一行')
    expect(await widget.press('.input', 'Enter', { shiftKey: true })).toBe(false)
    expect(sent()).toEqual([])
  })

  it.each([
    ['the event says so', { isComposing: true }],
    ['only the key code says so', { keyCode: 229 }],
  ])('does not send while an input method is composing (%s)', async (_name, init) => {
    await widget.type('zenme')
    expect(await widget.press('.input', 'Enter', init)).toBe(false)
    expect(sent()).toEqual([])
  })

  it('does not send between the start and the end of a composition', async () => {
    await widget.type('zenme')
    input().dispatchEvent(new CompositionEvent('compositionstart'))
    await widget.press('.input', 'Enter')
    expect(sent()).toEqual([])
    input().dispatchEvent(new CompositionEvent('compositionend'))
    await widget.press('.input', 'Enter')
    expect(sent()).toHaveLength(1)
  })

  it('shows a counter near the limit and refuses what is too long', async () => {
    await widget.type('长'.repeat(1799))
    expect(widget.all('.counter')).toHaveLength(0)
    await widget.type('😀'.repeat(2000))
    expect(widget.texts('.counter')).toEqual(['2000 / 2000'])
    await widget.type('长'.repeat(2003))
    expect(widget.texts('.counter')).toEqual(['超出 3 字，请删减后再发送'])
    await widget.press('.input', 'Enter')
    expect(sent()).toEqual([])
    expect(input().value).toHaveLength(2003)
  })

  it('warns about a card number but lets the customer decide', async () => {
    await widget.type('卡号 6222 0212 3456 7890 128')
    expect(widget.texts('.hint')).toEqual(['这看起来像银行卡号。咨询业务不需要卡号，建议删去后再发送。'])
    expect(input().getAttribute('aria-describedby')).toContain('ny-card-hint')
    await widget.press('.input', 'Enter')
    expect(sent()).toHaveLength(1)
    expect(widget.all('.hint')).toHaveLength(0)
  })
})

describe('a human', () => {
  it('is one click away in every state', async () => {
    await opened()
    expect(widget.texts('.handoff-button')).toEqual(['转人工'])
    await widget.click('.handoff-button')
    expect(widget.texts('.from-system .text')).toEqual(['人工客服会在服务时间内答复。'])
    widget.unmount()
    server.unreachable = true
    await opened()
    expect(widget.texts('.handoff-button')).toEqual(['转人工'])
  })

  it('is the first thing reached in large type', async () => {
    await opened({ elder: true })
    const [first] = widget.all('.panel button, .panel textarea, .panel a')
    expect(first).toBe(widget.get('.handoff-button'))
  })

  it('can be asked for where the bot offers it', async () => {
    await opened()
    server.say('bot', [{ type: 'handoff', state: 'offered', text: '要请人工吗？' }])
    await pass()
    await widget.click('.handoff-card button')
    expect(server.requests.filter(({ path }) => path.endsWith('/handoff'))).toHaveLength(1)
  })

  it('failing, gives the reason and the telephone number', async () => {
    await opened()
    server.refusals = [{ path: /handoff/, status: 503, code: 'store_unavailable', text: '系统正忙。' }]
    await widget.click('.handoff-button')
    expect(widget.texts('.banner')).toEqual(['系统正忙。也可以拨打客服热线 400-000-0000。'])
    expect(widget.spoken.at(-1)).toBe('系统正忙。也可以拨打客服热线 400-000-0000。')
  })
})

describe('choices of the customer', () => {
  const shown = () => widget.get('.ny')

  it('remember large type', async () => {
    await opened()
    await widget.click('[aria-label="切换到大字版"]')
    expect(shown().classList.contains('elder')).toBe(true)
    widget.unmount()
    await opened()
    expect(shown().classList.contains('elder')).toBe(true)
    await widget.click('[aria-label="回到标准版"]')
    widget.unmount()
    await opened({ elder: true })
    expect(shown().classList.contains('elder')).toBe(false)
  })

  it('change look and language', async () => {
    await opened()
    await widget.click('.menu .tool')
    const choose = async (text: string) => {
      widget.all('.choice').find((choice) => choice.textContent?.trim() === text)?.querySelector('input')?.click()
      await pass()
    }
    await choose('深色')
    expect(shown().dataset.theme).toBe('dark')
    await choose('繁體中文')
    expect(widget.texts('.handoff-button')).toEqual(['轉人工'])
    await choose('English')
    expect(shown().lang).toBe('en')
    expect(widget.texts('.role').at(0)).toBe('Bot')
    expect(widget.get('.bubble').lang).toBe('zh-CN')
  })

  it('offer only the languages of this bank', async () => {
    server.config.languages = ['zh-CN', 'en', 'xx']
    await opened()
    await widget.click('.menu .tool')
    expect(widget.texts('.menu-group:last-child .choice')).toEqual(['简体中文', 'English'])
  })

  it('begin a new conversation only after a question', async () => {
    await opened()
    await widget.send('旧的')
    await widget.click('.menu .tool')
    await widget.clickText('.menu-item', '开始新对话')
    expect(server.conversations).toBe(1)
    await widget.click('.menu-actions .primary')
    expect(server.conversations).toBe(2)
    expect(widget.texts('.from-customer')).toEqual([])
  })
})

describe('when there is nothing to show', () => {
  it('invites to ask', async () => {
    server.welcome = null
    await opened()
    expect(widget.texts('.empty-title')).toEqual(['您好，很高兴为您服务'])
  })

  it('says what to do while the server is down, with the number from the script tag', async () => {
    server.unreachable = true
    await opened({ hotline: '400-000-0000' })
    expect(widget.texts('.down-title')).toEqual(['暂时连接不上客服'])
    expect(widget.get<HTMLAnchorElement>('.down-number').getAttribute('href')).toBe('tel:4000000000')
    server.unreachable = false
    await widget.click('.down .button')
    expect(widget.all('.down')).toHaveLength(0)
    expect(widget.texts('.from-bot .text')).toEqual(['您好'])
  })

  it('points to the back of the card when no number is known', async () => {
    server.unreachable = true
    await opened()
    expect(widget.get('.down-call').textContent).toContain('急事请拨打银行卡背面的客服电话。')
  })
})

describe('the full page', () => {
  it('is no dialog, begins at once and cannot be closed', async () => {
    widget = new Widget({ mode: 'page', channel: 'app' })
    await pass()
    expect(widget.all('[role="dialog"], .launcher, [aria-label="关闭客服窗口"]')).toHaveLength(0)
    expect(widget.all('[role="main"]')).toHaveLength(1)
    await widget.press('.input', 'Escape')
    expect(widget.all('.panel')).toHaveLength(1)
    expect(server.requests.find(({ path }) => path === '/api/conversations')?.body).toEqual({ elder: false, channel: 'app' })
  })

  it('calls the server of its options', async () => {
    const addresses: string[] = []
    const { fetch: route } = server
    vi.stubGlobal('fetch', async (address: string, init?: RequestInit) => {
      addresses.push(address)
      return route(address, init)
    })
    widget = new Widget({ mode: 'page' })
    await pass()
    expect(addresses.length).toBeGreaterThan(0)
    expect(addresses.every((address) => address.startsWith(`${API}/api/`))).toBe(true)
  })
})

describe('while something is asked for', () => {
  async function asks(asksFor: string): Promise<void> {
    await opened()
    server.say('bot', [{ type: 'form', asks_for: asksFor, title: '请补充' }])
    await pass(1)
  }

  it.each([
    ['case_number', '工单编号，如 NY261126-7KQ4MX-R', null],
    ['phone_tail', '预留手机号的后 4 位', 'numeric'],
    ['otp', '短信里的 6 位数字', 'numeric'],
    ['confirm', '请回答“确认”，或说出要改的地方', null],
    ['details', '可以一次说完，也可以分几次说', null],
    ['something new', '请在下方输入框里回答', null],
  ])('%s has its hint and its keys', async (asksFor, hint, keys) => {
    await asks(asksFor)
    expect(widget.texts('.form-hint')).toEqual([hint])
    expect(input().getAttribute('inputmode')).toBe(keys)
  })

  it('a code is typed into a field of one line that no browser remembers', async () => {
    await opened()
    expect(input().tagName).toBe('TEXTAREA')
    expect(focused()).toBe(input())
    server.say('bot', [{ type: 'form', asks_for: 'otp', title: '请输入验证码' }])
    await pass(1)
    expect(input().tagName).toBe('INPUT')
    expect(input().getAttribute('autocomplete')).toBe('one-time-code')
    expect(widget.get('.composer').getAttribute('autocomplete')).toBe('off')
    expect(widget.texts('.footnote')).toEqual(['验证码只用于这次核对身份，请不要告诉别人'])
    expect(focused()).toBe(input())
    await widget.send('123456')
    expect(sent().at(-1)).toMatchObject({ text: '123456' })
    expect(input().tagName).toBe('TEXTAREA')
    expect(input().value).toBe('')
    expect(focused()).toBe(input())
  })
})

describe('who is speaking', () => {
  it('stands in the head, on the bubble and at the typing sign', async () => {
    await opened()
    expect(widget.texts('.brand-subtitle')).toEqual(['智能客服机器人'])
    server.say('system', [{ type: 'notice', kind: 'queue', text: '您前面还有 2 位客户在等候' }])
    await pass(1)
    expect(widget.texts('.brand-subtitle')).toEqual(['人工排队中'])
    expect(widget.texts('.banner.queue')).toEqual(['您前面还有 2 位客户在等候'])
    server.say('system', [{ type: 'notice', kind: 'queue', text: '您排在第 1 位' }])
    await pass(1)
    expect(widget.texts('.banner.queue')).toEqual(['您排在第 1 位'])
    for (const [place, wait_s, words] of [
      [3, 200, '您前面还有 2 位客户，预计等候约 4 分钟'],
      [1, 30, '您排在第 1 位，预计等候不到 1 分钟'],
    ] as const) {
      server.pushDesk({ owner: 'queue', place, wait_s })
      await pass()
      expect(widget.texts('.banner.queue')).toEqual([words])
    }
    server.pushDesk({ owner: 'human', agent: '1001' })
    server.say('system', [{ type: 'notice', kind: 'human', text: '人工客服（工号 1001）为您服务' }])
    server.say('agent', [{ type: 'text', text: '您好' }], { agent: '1001' })
    await pass(1)
    expect(widget.texts('.brand-subtitle')).toEqual(['人工客服 工号 1001'])
    expect(widget.all('.banner.queue')).toHaveLength(0)
    expect(widget.texts('.from-agent .byline')).toEqual(['人工客服工号 1001'])
    server.live[0]?.receive({ type: 'typing', on: true })
    await pass(1)
    expect(widget.texts('.typing')).toEqual(['人工客服正在输入'])
  })
})

describe('large type', () => {
  const told = () => server.requests.filter(({ path }) => path.endsWith('/elder')).map(({ body }) => body)
  const toggle = () => widget.click('.tool-type')

  it('is told to the server in the middle of a talk', async () => {
    await opened()
    await toggle()
    await toggle()
    expect(told()).toEqual([{ elder: true }, { elder: false }])
  })

  it('that the server did not hear of is told when the line is back', async () => {
    await opened()
    server.unreachable = true
    await toggle()
    window.dispatchEvent(new Event('offline'))
    server.unreachable = false
    window.dispatchEvent(new Event('online'))
    await pass(5_000)
    expect(told()).toEqual([{ elder: true }, { elder: true }])
  })

  it('switched before the talk goes on is told when it does', async () => {
    await opened()
    widget.unmount()
    const stored = JSON.parse(localStorage.getItem(`nuoyan:${API}:preferences`) ?? '{}') as object
    localStorage.setItem(`nuoyan:${API}:preferences`, JSON.stringify({ ...stored, elder: true }))
    widget = new Widget()
    await widget.open()
    expect(told()).toEqual([{ elder: true }])
  })
})
