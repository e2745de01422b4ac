import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createLoader, LOAD_TIMEOUT_MS, type Handover, type OnDemand } from '../widget/onDemand'
import * as panels from '../widget/panels'
import { OPTIONS, pass, startServer, Widget } from './support/widget'

type Loaded = HTMLScriptElement & { nuoyan: Handover }

let scripts: Loaded[]

beforeEach(() => {
  startServer()
  scripts = []
  // The document of the tests fetches nothing by itself.
  vi.spyOn(document.head, 'append').mockImplementation((...nodes) => void scripts.push(...(nodes as Loaded[])))
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function arrive(script: Loaded | undefined, takes = true): void {
  if (takes) script?.nuoyan.take(panels as OnDemand)
  script?.onload?.(new Event('load'))
}

describe('the second script', () => {
  it('comes from beside the first, once for all who want it, and leaves nothing global', async () => {
    const load = createLoader({ ...OPTIONS, nonce: 'n0nce' })
    const both = [load(), load()]
    expect(scripts).toHaveLength(1)
    expect(scripts[0]?.src).toMatch(/^https:\/\/chat\.bank\.example\/widget\/nuoyan-panels\.js\?v=/)
    expect(scripts[0]?.nonce).toBe('n0nce')
    arrive(scripts[0])
    expect((await Promise.all(both)).map(({ views }) => views.faq)).toEqual([panels.views.faq, panels.views.faq])
    await load()
    expect(scripts).toHaveLength(1)
  })

  it.each([
    ['does not come', (script?: Loaded) => script?.dispatchEvent(new Event('error')) && script?.onerror?.(new Event('error'))],
    ['comes from another build', (script?: Loaded) => arrive(script, false)],
    ['comes too late', () => void vi.advanceTimersByTime(LOAD_TIMEOUT_MS)],
  ])('is tried again when it %s', async (_name, happens) => {
    const load = createLoader(OPTIONS)
    const first = load()
    happens(scripts[0])
    await expect(first).rejects.toThrow()
    const second = load()
    expect(scripts).toHaveLength(2)
    arrive(scripts[1])
    await expect(second).resolves.toBeDefined()
  })
})

describe('without the second script', () => {
  it('the talk goes on, and what needs it can be tried again', async () => {
    let comes = false
    const widget = new Widget({}, () => (comes ? Promise.resolve(panels) : Promise.reject(new Error('away'))))
    await widget.open()
    await widget.send('怎么换卡')
    expect(widget.texts('.from-customer .text')).toEqual(['怎么换卡'])
    await widget.clickText('.shortcut', '常见问题')
    expect(widget.texts('.load-failed p')).toEqual(['没有加载成功，请检查网络后再试。'])
    comes = true
    await widget.click('.load-failed .button')
    expect(widget.all('.faq-box')).toHaveLength(1)
    widget.unmount()
  })

  it('is not fetched by those who only talk in Chinese', async () => {
    const load = vi.fn(() => Promise.resolve(panels))
    const widget = new Widget({}, load)
    await widget.open()
    await widget.send('怎么换卡')
    expect(load).not.toHaveBeenCalled()
    widget.unmount()
  })

  it('brings its styles and words once', async () => {
    const widget = new Widget({ lang: 'en' })
    await pass(1)
    await widget.open()
    expect(widget.texts('.shortcut')).toEqual(['Common questions', 'My cases'])
    await widget.clickText('.shortcut', 'My cases')
    await widget.click('.sheet-back')
    await widget.clickText('.shortcut', 'Common questions')
    expect(widget.root.adoptedStyleSheets.length).toBeLessThanOrEqual(2)
    widget.unmount()
  })
})
