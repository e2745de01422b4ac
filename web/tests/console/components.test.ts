import { createPinia } from 'pinia'
import { createApp, h, nextTick, type Component } from 'vue'
import { describe, expect, it } from 'vitest'

import MessageBlocks from '../../console/desk/MessageBlocks.vue'
import { actionOf, SHORTCUTS } from '../../console/desk/shortcuts'
import VirtualList from '../../console/desk/VirtualList.vue'

function shown(component: Component, props: Record<string, unknown>, slots: Record<string, unknown> = {}): HTMLElement {
  const host = document.createElement('div')
  document.body.append(host)
  createApp({ render: () => h(component, props, slots) }).use(createPinia()).mount(host)
  return host
}

describe('a long list', () => {
  it('draws only what is in view and says how long it is', async () => {
    const items = Array.from({ length: 5_000 }, (_, index) => `row ${index}`)
    const host = shown(VirtualList, { items, rowHeight: 50, keyOf: (item: string) => item, label: '排队' }, { default: ({ item }: { item: string }) => item })
    const rows = () => [...host.querySelectorAll('li')]
    expect(rows().length).toBeLessThan(30)
    expect(rows()[0]?.getAttribute('aria-setsize')).toBe('5000')
    const scroller = host.querySelector<HTMLElement>('.virtual')!
    scroller.scrollTop = 100_000
    scroller.dispatchEvent(new Event('scroll'))
    await nextTick()
    expect(rows().map((row) => row.textContent)).toContain('row 2000')
    expect(rows().length).toBeLessThan(30)
  })
})

describe('blocks of a message', () => {
  const nasty = '<img src=x onerror=alert(1)><script>alert(2)</script>'
  it.each([
    { type: 'text', text: nasty },
    { type: 'steps', title: nasty, items: [nasty] },
    { type: 'facts', kind: 'other', title: nasty, items: [{ label: nasty, text: nasty }] },
    { type: 'citation', source: nasty, clause: nasty, certainty: 'H' },
    { type: 'buttons', title: nasty, buttons: [{ id: 'a', title: nasty }] },
    { type: 'case', event: nasty, number: nasty, subject: nasty, timeline: [{ at: nasty, text: nasty }] },
    { type: 'notice', kind: 'human', text: nasty },
    { type: 'handoff', state: 'queued', text: nasty },
    { type: 'rating', title: nasty },
    { type: 'form', asks_for: 'otp', title: nasty },
    { type: 'something new', text: nasty },
  ])('stay text: $type', (block) => {
    const host = shown(MessageBlocks, { blocks: [block] })
    expect(host.querySelector('img, script')).toBeNull()
    expect(host.textContent).toContain(nasty)
  })
})

describe('keys', () => {
  const press = (values: KeyboardEventInit, target: HTMLElement = document.body): string | null => {
    const event = new KeyboardEvent('keydown', { bubbles: true, ...values })
    target.dispatchEvent(event)
    return actionOf(event)
  }

  it('are each given once', () => {
    expect(new Set(SHORTCUTS.map(({ code }) => code)).size).toBe(SHORTCUTS.length)
    expect(new Set(SHORTCUTS.map(({ action }) => action)).size).toBe(SHORTCUTS.length)
  })

  it('work with Alt everywhere; "?" only where nobody types', () => {
    const field = document.body.appendChild(document.createElement('textarea'))
    expect(press({ code: 'KeyN', altKey: true }, field)).toBe('next')
    expect(press({ code: 'KeyN' }, field)).toBeNull()
    expect(press({ code: 'KeyN', altKey: true, ctrlKey: true })).toBeNull()
    expect(press({ key: '?' })).toBe('help')
    expect(press({ key: '?' }, field)).toBeNull()
  })
})
