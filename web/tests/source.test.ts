/** Rules over the files themselves: no markup from strings, nothing inline, readable colours. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { stylesIn } from '../build/staticFiles'

const WEB = join(__dirname, '..')

function filesUnder(folder: string): string[] {
  return readdirSync(join(WEB, folder)).flatMap((name) => {
    const path = join(folder, name)
    return statSync(join(WEB, path)).isDirectory() ? filesUnder(path) : [path]
  })
}

const read = (path: string) => readFileSync(join(WEB, path), 'utf8')
const sources = filesUnder('widget').filter((path) => /\.(ts|vue)$/.test(path))
const pages = ['demo/index.html', 'widget/page/app.html']

describe('widget sources', () => {
  it.each(sources)('%s makes no markup out of text and nothing inline', (path) => {
    const source = read(path)
    expect(source).not.toMatch(/v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc/)
    expect(source).not.toMatch(/\beval\(|new Function|javascript:/)
    expect(source).not.toMatch(/\sstyle="|:style=|<style|createElement\('style'\)/)
  })

  it.each(sources)('%s uses no syntax that breaks older telephones', (path) => {
    expect(read(path)).not.toMatch(/\(\?<[=!]/)
  })

  it.each(sources)('%s stays small', (path) => {
    expect(read(path).split('\n').length).toBeLessThanOrEqual(300)
  })
})

describe('pages', () => {
  it.each(pages)('%s holds no inline script, style or handler', (path) => {
    const page = new DOMParser().parseFromString(read(path), 'text/html')
    for (const script of page.querySelectorAll('script')) {
      expect(script.getAttribute('src')).toMatch(/^\/widget\//)
      expect(script.textContent).toBe('')
    }
    expect(page.querySelectorAll('style, [style]')).toHaveLength(0)
    for (const element of page.querySelectorAll('*')) {
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on/)
    }
  })

  it('embed the widget by one asynchronous script', () => {
    const page = new DOMParser().parseFromString(read('demo/index.html'), 'text/html')
    const scripts = [...page.querySelectorAll('script')]
    expect(scripts.map((script) => [script.getAttribute('src'), script.hasAttribute('async'), script.type])).toEqual([
      ['/widget/nuoyan.js', true, ''],
      // What only the demonstration has.
      ['/widget/demo/demo.js', false, ''],
    ])
  })

  it('say on the demo page that it is one', () => {
    expect(read('demo/index.html')).toContain('示范页面')
  })

  it('only name icons that exist', () => {
    const sprite = read('demo/icons.svg')
    for (const [, id] of read('demo/index.html').matchAll(/icons\.svg#(\w+)/g)) expect(sprite).toContain(`id="${id}"`)
  })

  it('exist where the build looks for them', () => {
    for (const [, path] of read('build/staticFiles.ts').matchAll(/^ {2}'([\w/.]+)': '/gm)) {
      expect(existsSync(join(WEB, path ?? ''))).toBe(true)
    }
  })
})

/** The style sheets of both scripts. */
const allStyles = () => stylesIn('widget/styles') + stylesIn('widget/styles/panels')

type Theme = Record<string, string>

function theme(selector: string): Theme {
  const css = allStyles()
  const start = css.indexOf(`${selector} {`)
  const body = css.slice(start, css.indexOf('}', start))
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]))
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const TEXT_ON_GROUND: [string, string[]][] = [
  ['text', ['ground', 'surface', 'card']],
  ['text-soft', ['ground', 'surface', 'card']],
  ['on-accent', ['accent', 'accent-strong']],
  ['on-accent-soft', ['accent-soft', 'surface', 'ground', 'card']],
  ['on-navy', ['navy']],
  ['on-navy-soft', ['navy']],
  ['warn-text', ['warn-ground', 'surface']],
  ['danger', ['ground', 'surface']],
]
const SHAPE_ON_GROUND: [string, string[]][] = [
  ['line-strong', ['surface', 'ground']],
  ['star', ['surface', 'ground']],
  ['focus', ['surface', 'ground', 'card']],
  ['focus-on-navy', ['navy']],
]

describe.each(['light', 'dark'])('colours of the %s theme', (name) => {
  const light = theme('.ny')
  const colours: Theme = name === 'light' ? light : { ...light, ...theme(".ny[data-theme='dark']") }

  function check(pairs: [string, string[]][], least: number): void {
    for (const [front, grounds] of pairs) {
      for (const ground of grounds) {
        const ratio = contrast(colours[front] ?? '', colours[ground] ?? '')
        expect(ratio, `${front} on ${ground}`).toBeGreaterThanOrEqual(least)
      }
    }
  }

  it('give text at least 4.5:1', () => check(TEXT_ON_GROUND, 4.5))
  it('give edges and the focus ring at least 3:1', () => check(SHAPE_ON_GROUND, 3))
})

describe('style sheet', () => {
  const css = allStyles()

  it('makes everything that can be hit at least 60 px in large type', () => {
    expect(css).toMatch(/\.ny\.elder \{[^}]*--target: 60px/)
    expect(css).toMatch(/button,\s*\.choice span \{[^}]*min-height: var\(--target\)/)
  })

  it('knows every colour and size it uses', () => {
    const known = new Set([...css.matchAll(/(--[\w-]+):/g)].map(([, name]) => name))
    const optional = new Set(['--ny-viewport-height', '--ny-viewport-top'])
    for (const [, name] of css.matchAll(/var\((--[\w-]+)/g)) expect(known.has(name) || optional.has(name ?? ''), name).toBe(true)
  })

  it('respects a wish for less motion', () => {
    expect(css).toContain('prefers-reduced-motion: reduce')
  })
})
