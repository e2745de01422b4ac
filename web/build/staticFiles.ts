/**
 * A Vite plugin that puts the files a browser loads beside the widget into `dist/`.
 *
 * The pages are copied as they stand: they load the widget by the very snippet that a bank would
 * use, so nothing may rewrite them. `widget/nuoyan.css` is the same style sheet that is inside
 * `nuoyan.js`; browsers without constructable style sheets load it by a link.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { transform } from 'lightningcss'
import type { Plugin } from 'vite'

const WEB = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Where each file of the source tree goes in `dist/`. */
const COPIES: Record<string, string> = {
  'demo/index.html': 'index.html',
  'demo/bank.css': 'widget/demo/bank.css',
  'demo/icons.svg': 'widget/demo/icons.svg',
  'widget/page/app.html': 'app.html',
  'widget/page/app.css': 'widget/app.css',
  'widget/page/icon.svg': 'widget/icon.svg',
}

/** The style sheets in the order of their names (`10-tokens.css` first), as one text. */
export function widgetStyles(): string {
  const folder = join(WEB, 'widget/styles')
  const files = readdirSync(folder).filter((name) => name.endsWith('.css'))
  return files
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
}

const VIRTUAL_STYLES = 'virtual:widget-styles'

export function staticFiles(): Plugin {
  return {
    name: 'nuoyan-static-files',
    resolveId: (id) => (id === VIRTUAL_STYLES ? `\0${VIRTUAL_STYLES}` : undefined),
    load(id) {
      if (id !== `\0${VIRTUAL_STYLES}`) return undefined
      return `export default ${JSON.stringify(Buffer.from(shippedStyles()).toString())}`
    },
    buildStart() {
      for (const source of Object.keys(COPIES)) this.addWatchFile(join(WEB, source))
    },
    generateBundle() {
      for (const [source, fileName] of Object.entries(COPIES)) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(join(WEB, source)) })
      }
      this.emitFile({ type: 'asset', fileName: 'widget/nuoyan.css', source: shippedStyles() })
    },
  }
}

/** The widget's one style sheet, as it is shipped. */
function shippedStyles(): Uint8Array {
  return transform({ filename: 'nuoyan.css', code: Buffer.from(widgetStyles()), minify: true }).code
}
