import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Block } from '../../widget/core/types'
import type { FakeServer } from '../support/fakeServer'
import { aCase } from '../support/panels'
import { pass, startServer, Widget } from '../support/widget'

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

async function opened(...cases: ReturnType<typeof aCase>[]): Promise<void> {
  server.cases = cases
  widget = new Widget()
  await widget.open()
  await widget.clickText('.shortcut', '我的进度')
}

const OTHER = aCase({ number: 'NY261120-ABCDEF-2', subject: '信用卡账单有误', status: '已答复', can: { remark: false, upload: false, urge: false, withdraw: false, recheck: false } })
const bodies = (ending: string) => server.requests.filter(({ path }) => path.endsWith(ending)).map(({ body }) => body)

async function remark(text: string): Promise<void> {
  const field = widget.get<HTMLTextAreaElement>('.case-remark .field')
  field.value = text
  field.dispatchEvent(new Event('input', { bubbles: true }))
  await pass()
  await widget.clickText('.case-remark button', '提交补充')
}

async function choose(name: string, size: number): Promise<void> {
  const input = widget.get<HTMLInputElement>('input[type="file"]')
  const file = new File(['x'], name)
  Object.defineProperty(file, 'size', { value: size })
  Object.defineProperty(input, 'files', { value: [file], configurable: true })
  input.dispatchEvent(new Event('change', { bubbles: true }))
  await pass(1)
}

describe('我的进度', () => {
  it('asks with the rights of the conversation', async () => {
    await opened(aCase())
    expect(server.requests.find(({ path }) => path.endsWith('/cases'))).toMatchObject({ method: 'GET', token: 'Bearer t1' })
  })

  it('shows a single case at once: number, status, deadline, next step, history', async () => {
    await opened(aCase())
    expect(widget.texts('.case-status')).toEqual(['处理中'])
    expect(widget.texts('.case-body .fact-text')).toEqual([
      'NY261126-7KQ4MX-R',
      '处理中',
      '2026-12-10 前给您答复',
      '经办部门正在核实情况',
    ])
    expect(widget.texts('.timeline li')).toEqual(['2026-11-25 09:12已收到您的投诉', '2026-11-25 10:30已转经办部门'])
  })

  it('opens one of several', async () => {
    await opened(aCase(), OTHER)
    expect(widget.all('.case-body')).toHaveLength(0)
    const [, second] = widget.all('.case-head')
    expect(second?.getAttribute('aria-expanded')).toBe('false')
    second?.click()
    await pass(1)
    expect(widget.get('.case-body').closest<HTMLElement>('.case')?.dataset.number).toBe(OTHER.number)
    expect(widget.all('.case-remark')).toHaveLength(0)
  })

  it('says what to do when there is none', async () => {
    await opened()
    expect(widget.texts('.empty-title')).toEqual(['这里还没有您的事项'])
    await widget.clickText('.cases > .button', '用编号查询')
    expect(widget.all('.sheet')).toHaveLength(0)
    expect(server.messages.at(-1)?.blocks).toEqual([{ type: 'text', text: '我想查询工单进度' }])
  })

  it('follows a change by the staff without a reload, and speaks it', async () => {
    await opened(aCase(), OTHER)
    server.cases = [aCase({ status: '已答复' }), OTHER]
    server.pushCase('NY261126-7KQ4MX-R')
    await pass(1)
    expect(widget.texts('.case-status')).toEqual(['已答复', '已答复'])
    expect(widget.spoken).toContain('柜面排队两小时没人管：已答复')
    expect(widget.spoken.filter((line) => line.includes('信用卡账单有误'))).toEqual([])
  })

  it('takes a remark once', async () => {
    await opened(aCase())
    await remark('  我下午两点后方便接电话 ')
    expect(bodies('/remarks')).toEqual([{ client_id: expect.any(String), text: '我下午两点后方便接电话' }])
    expect(widget.texts('.timeline li').at(-1)).toContain('您补充：我下午两点后方便接电话')
    expect(widget.texts('.thanks')).toEqual(['补充内容已提交'])
    expect(widget.get<HTMLTextAreaElement>('.case-remark .field').value).toBe('')
    await remark('还有一点')
    const [first, second] = bodies('/remarks') as { client_id: string }[]
    expect(first?.client_id).not.toBe(second?.client_id)
  })

  it('keeps a remark that did not arrive, and sends it again under the same name', async () => {
    await opened(aCase())
    server.refusals = [{ path: /remarks/, status: 503, code: 'store_unavailable', text: '暂时没有保存成功。' }]
    await remark('补充一句')
    expect(widget.texts('.feedback-failed')).toEqual(['暂时没有保存成功。'])
    expect(widget.get<HTMLTextAreaElement>('.case-remark .field').value).toBe('补充一句')
    server.refusals = []
    await widget.clickText('.case-remark button', '提交补充')
    const [first, second] = bodies('/remarks') as { client_id: string }[]
    expect(second?.client_id).toBe(first?.client_id)
  })

  it('sends a file as a form', async () => {
    await opened(aCase())
    await choose('凭条.jpg', 1000)
    const [form] = bodies('/files') as FormData[]
    expect((form?.get('file') as File).name).toBe('凭条.jpg')
    expect(widget.texts('.thanks')).toEqual(['已上传 凭条.jpg'])
    expect(widget.texts('.timeline li').at(-1)).toContain('您上传了文件')
  })

  it('refuses a file that is too large before sending it', async () => {
    await opened(aCase())
    await choose('长视频.pdf', 5 * 1024 * 1024 + 1)
    expect(bodies('/files')).toEqual([])
    expect(widget.texts('.feedback-failed')).toEqual(['文件超过 5 MB，请压缩后再上传。'])
  })

  it('downloads a file with the rights of the conversation', async () => {
    const saved: string[] = []
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }))
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(this.download)
    })
    await opened(aCase({ files: [{ id: 'f1', name: '<b>凭条</b>.png', size: 2048, added_by: 'customer' }] }))
    expect(widget.texts('.case-file')).toEqual(['<b>凭条</b>.png2 KB'])
    await widget.click('.case-file')
    expect(saved).toEqual(['<b>凭条</b>.png'])
    expect(server.requests.at(-1)).toMatchObject({ method: 'GET', token: 'Bearer t1' })
    expect(server.requests.at(-1)?.path).toMatch(/\/cases\/NY261126-7KQ4MX-R\/files\/f1$/)
  })

  it('says so when it cannot be loaded', async () => {
    server.refusals = [{ path: /\/cases$/, status: 503, code: 'case_system_unavailable', text: '进度暂时查不到，请稍后再试。' }]
    await opened(aCase())
    expect(widget.texts('.load-failed p')).toEqual(['进度暂时查不到，请稍后再试。'])
    server.refusals = []
    await widget.click('.load-failed .button')
    expect(widget.all('.case')).toHaveLength(1)
  })

  it('shows whatever staff or customer wrote as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>'
    await opened(aCase({ subject: hostile, next: hostile, timeline: [{ at: '2026-11-26 09:00', text: hostile }] }))
    expect(widget.texts('.case-subject')).toEqual([hostile])
    expect(widget.all('.sheet img')).toHaveLength(0)
  })
})

describe('what the customer may do with a case', () => {
  const actions = () => widget.texts('.case-body > .case-actions .button')

  it('is what the server permits', async () => {
    await opened(aCase())
    expect(actions()).toEqual(['催办', '撤回'])
  })

  it('is asked again before it is done, and done once', async () => {
    await opened(aCase())
    await widget.clickText('.case-actions .button', '催办')
    expect(widget.root.activeElement).toBe(widget.get('.case-confirm > p'))
    expect(bodies('/actions')).toEqual([])
    await widget.clickText('.case-confirm .button', '取消')
    expect(widget.root.activeElement?.textContent?.trim()).toBe('催办')
    await widget.clickText('.case-actions .button', '催办')
    await widget.clickText('.case-confirm .button', '催办')
    expect(bodies('/actions')).toEqual([{ client_id: expect.any(String), action: 'urge' }])
    expect(widget.texts('.thanks')).toEqual(['已为您催办'])
    expect(actions()).toEqual(['撤回'])
  })

  it('keeps its name when it is sent again', async () => {
    await opened(aCase())
    server.refusals = [{ path: /actions/, status: 503, code: 'case_system_unavailable', text: '暂时办不了，请稍后再试。' }]
    await widget.clickText('.case-actions .button', '撤回')
    await widget.clickText('.case-confirm .button', '撤回')
    expect(widget.texts('.feedback-failed')).toEqual(['暂时办不了，请稍后再试。'])
    server.refusals = []
    await widget.clickText('.case-confirm .button', '撤回')
    const [first, second] = bodies('/actions') as { client_id: string }[]
    expect(second?.client_id).toBe(first?.client_id)
    expect(widget.all('.case-confirm')).toHaveLength(0)
  })

  it('needs a reason for a re-check', async () => {
    await opened(aCase({ can: { remark: false, upload: false, urge: false, withdraw: false, recheck: true } }))
    await widget.clickText('.case-actions .button', '申请核查')
    expect(widget.get<HTMLButtonElement>('.case-confirm .primary').disabled).toBe(true)
    const field = widget.get<HTMLTextAreaElement>('.case-confirm .field')
    field.value = ' 答复没有说明原因 '
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await pass()
    await widget.clickText('.case-confirm .button', '申请核查')
    expect(bodies('/actions')).toMatchObject([{ action: 'recheck', reason: '答复没有说明原因' }])
  })
})

describe('a case in the talk', () => {
  async function said(block: Block): Promise<void> {
    widget = new Widget()
    await widget.open()
    server.say('bot', [block])
    await pass(1)
  }

  const { number, status, subject, deadline = null, next, timeline } = aCase()

  it('is a receipt with the way to its progress', async () => {
    await said({ type: 'case', event: 'created', number, status, subject, deadline, next, timeline })
    expect(widget.texts('.case-card .block-title')).toEqual(['已为您登记'])
    expect(widget.texts('.case-card .fact-text')).toContain(number)
    server.cases = [aCase()]
    await widget.clickText('.case-card .button', '查看进度')
    expect(widget.texts('.case-subject')).toEqual([subject])
  })

  it('that may not be shown is a refusal and nothing else', async () => {
    await said({ type: 'case', event: 'status_refused' })
    expect(widget.texts('.case-card')).toEqual(['没有可以显示的进度'])
  })
})
