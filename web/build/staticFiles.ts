/**
 * A Vite plugin that puts the files a browser loads beside the widget into `dist/`.
 *
 * The pages are copied as they stand: they load the widget by the very snippet that a bank would
 * use, so nothing may rewrite them. `widget/nuoyan.css` and `widget/nuoyan-panels.css` are the same
 * style sheets that are inside the two scripts; browsers without constructable style sheets load
 * them by a link.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { transform } from 'lightningcss'
import type { Plugin } from 'vite'

export const WEB = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Where each file of the source tree goes in `dist/`. */
const COPIES: Record<string, string> = {
  'demo/index.html': 'index.html',
  'demo/bank.css': 'widget/demo/bank.css',
  'demo/icons.svg': 'widget/demo/icons.svg',
  'demo/demo.js': 'widget/demo/demo.js',
  'widget/page/app.html': 'app.html',
  'widget/page/app.css': 'widget/app.css',
  'widget/page/icon.svg': 'widget/icon.svg',
}

/** Folder of the style sheets of each script; a module of that name holds them as text. */
const SHEETS: Record<string, { folder: string; fileName: string }> = {
  'virtual:widget-styles': { folder: 'widget/styles', fileName: 'widget/nuoyan.css' },
  'virtual:panel-styles': { folder: 'widget/styles/panels', fileName: 'widget/nuoyan-panels.css' },
}

/** The style sheets of a folder in the order of their names (`10-tokens.css` first), as one text. */
export function stylesIn(folder: string): string {
  const files = readdirSync(join(WEB, folder)).filter((name) => name.endsWith('.css'))
  return files
    .sort()
    .map((name) => readFileSync(join(WEB, folder, name), 'utf8'))
    .join('\n')
}

/** A folder's style sheets as they are shipped. */
function shipped(folder: string): string {
  const { code } = transform({ filename: `${folder}.css`, code: Buffer.from(stylesIn(folder)), minify: true })
  return Buffer.from(code).toString()
}

/** Style sheets as modules. */
export function styleModules(): Plugin {
  return {
    name: 'nuoyan-style-modules',
    resolveId: (id) => (id in SHEETS ? `\0${id}` : undefined),
    load(id) {
      const sheet = id.startsWith('\0') ? SHEETS[id.slice(1)] : undefined
      return sheet ? `export default ${JSON.stringify(shipped(sheet.folder))}` : undefined
    },
  }
}

/** Pages, pictures and style sheets beside the scripts. */
export function staticFiles(): Plugin {
  return {
    name: 'nuoyan-static-files',
    buildStart() {
      for (const source of Object.keys(COPIES)) this.addWatchFile(join(WEB, source))
    },
    generateBundle() {
      for (const [source, fileName] of Object.entries(COPIES)) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(join(WEB, source)) })
      }
      for (const { folder, fileName } of Object.values(SHEETS)) {
        this.emitFile({ type: 'asset', fileName, source: shipped(folder) })
      }
    },
  }
}
