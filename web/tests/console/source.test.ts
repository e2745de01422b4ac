/** Rules over the console's files themselves: no markup from strings, nothing inline, small components. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

const WEB = join(__dirname, '../..')

function filesUnder(folder: string): string[] {
  return readdirSync(join(WEB, folder)).flatMap((name) => {
    const path = join(folder, name)
    return statSync(join(WEB, path)).isDirectory() ? filesUnder(path) : [path]
  })
}

const read = (path: string) => readFileSync(join(WEB, path), 'utf8')
const sources = filesUnder('console').filter((path) => /\.(ts|vue)$/.test(path))

describe('console sources', () => {
  it.each(sources)('%s makes no markup out of text and nothing inline', (path) => {
    const source = read(path)
    expect(source).not.toMatch(/v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|dangerouslyUseHTMLString/)
    expect(source).not.toMatch(/\beval\(|new Function|javascript:/)
    // `:style` objects go through the style sheet's object model, which the policy allows; attributes do not.
    expect(source).not.toMatch(/\sstyle="|:style="[^{]|<style|createElement\('style'\)/)
  })

  it.each(sources)('%s stays small', (path) => {
    expect(read(path).split('\n').length).toBeLessThanOrEqual(300)
  })

  it('keeps the desk calls in one module', () => {
    const callers = sources.filter((path) => read(path).includes('/api/staff/desk'))
    expect(callers.every((path) => path.startsWith('console/api/'))).toBe(true)
  })

  it('loads one script in its page', () => {
    const page = new DOMParser().parseFromString(read('console/index.html'), 'text/html')
    expect(page.querySelectorAll('script')).toHaveLength(1)
    expect(page.querySelectorAll('style, [style]')).toHaveLength(0)
  })
})
