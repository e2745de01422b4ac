/** Mounts the real widget against the fake server, with time under the test's control. */
import { vi } from 'vitest'

import type { Options } from '../../widget/core/options'
import { HOST_ELEMENT, mount } from '../../widget/mount'
import type { Load } from '../../widget/onDemand'
import * as panels from '../../widget/panels'
import { FakeServer, FakeSocket } from './fakeServer'

export const API = 'https://chat.bank.example'

export const OPTIONS: Options = {
  api: API,
  stylesheet: `${API}/widget/nuoyan.css`,
  panels: `${API}/widget/nuoyan-panels.js`,
  panelStylesheet: `${API}/widget/nuoyan-panels.css`,
  nonce: '',
  mode: 'float',
  channel: 'web',
  lang: 'zh-CN',
  elder: false,
  theme: 'auto',
  bank: '',
  hotline: '',
  linkHosts: ['www.bank.example'],
  identityToken: () => Promise.resolve(null),
}

/** A fresh server behind `fetch` and `WebSocket`, fake timers, empty storage. */
export function startServer(): FakeServer {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  vi.setSystemTime(new Date('2026-11-23T02:00:00Z'))
  const server = new FakeServer()
  FakeSocket.server = server
  vi.stubGlobal('fetch', server.fetch)
  vi.stubGlobal('WebSocket', FakeSocket)
  localStorage.clear()
  return server
}

/** Let everything happen that is due within `milliseconds`. */
export async function pass(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}

export class Widget {
  readonly unmount: () => void

  constructor(options: Partial<Options> = {}, load: Load = () => Promise.resolve(panels)) {
    this.unmount = mount({ ...OPTIONS, ...options }, document.body, load)
  }

  get root(): ShadowRoot {
    const root = document.querySelector(HOST_ELEMENT)?.shadowRoot
    if (!root) throw new Error('not mounted')
    return root
  }

  get<T extends HTMLElement = HTMLElement>(selector: string): T {
    const element = this.root.querySelector<T>(selector)
    if (!element) throw new Error(`nothing matches ${selector}`)
    return element
  }

  all<T extends HTMLElement = HTMLElement>(selector: string): T[] {
    return Array.from(this.root.querySelectorAll<T>(selector))
  }

  texts(selector: string): string[] {
    return this.all(selector).map((element) => (element.textContent ?? '').replace(/\s+/g, ' ').trim())
  }

  /** The text of the live region, line by line. */
  get spoken(): string[] {
    return this.texts('[aria-live] p')
  }

  async open(): Promise<void> {
    await this.click('.launcher')
  }

  async click(selector: string): Promise<void> {
    this.get(selector).click()
    // Vue ignores an event of the very millisecond in which a listener was attached.
    await pass(1)
  }

  /** Click the one of these elements that says exactly this. */
  async clickText(selector: string, text: string): Promise<void> {
    const element = this.all(selector).find((one) => one.textContent?.trim() === text)
    if (!element) throw new Error(`no ${selector} says ${text}`)
    element.click()
    await pass(1)
  }

  async type(text: string): Promise<void> {
    const input = this.get<HTMLTextAreaElement>('.input')
    input.value = text
    input.dispatchEvent(new Event('input', { bubbles: true }))
    await pass()
  }

  async press(selector: string, key: string, init: KeyboardEventInit & { keyCode?: number } = {}): Promise<boolean> {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true, ...init })
    if (init.keyCode) Object.defineProperty(event, 'keyCode', { value: init.keyCode })
    this.get(selector).dispatchEvent(event)
    await pass()
    return event.defaultPrevented
  }

  async send(text: string): Promise<void> {
    await this.type(text)
    await this.press('.input', 'Enter')
  }
}
