/**
 * Builds the second script, `widget/nuoyan-panels.js`, which the widget loads when it is first needed.
 *
 * Both are classic scripts, so that any page may embed them and `script-src` needs no more than their
 * host. The second one brings along only what stands in `widget/panels`: Vue and every other module of
 * the widget come from the first, through the script element (see `widget/onDemand.ts`). What the
 * second one takes is read off its own build, so the list is always complete and never too long.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

import vue from '@vitejs/plugin-vue'
import { build, parseAst, type InlineConfig, type Plugin } from 'vite'

import { styleModules, WEB } from './staticFiles.ts'

const PANELS = join(WEB, 'widget/panels') + sep
const WIDGET = join(WEB, 'widget') + sep
const VIRTUAL = 'virtual:shared-modules'
/** Begins the name of a module that the first script has. */
const FIRST = 'first:'
const TAKEN = 'document.currentScript.nuoyan.modules'

/** Module (`vue`, or `first:` and a path inside `widget`) → the names the second script takes from it. */
type Taken = Record<string, string[]>

interface Second {
  code: string
  taken: Taken
}

export function onDemandScript(settings: Pick<InlineConfig, 'define'> & { build: InlineConfig['build'] }): Plugin {
  let second: Second
  return {
    name: 'nuoyan-on-demand-script',
    apply: 'build',
    async buildStart() {
      for (const path of filesUnder(WIDGET)) this.addWatchFile(path)
      second = await buildSecond(settings)
    },
    resolveId: (id) => (id === VIRTUAL ? `\0${VIRTUAL}` : undefined),
    load: (id) => (id === `\0${VIRTUAL}` ? sharedModules(second.taken) : undefined),
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'widget/nuoyan-panels.js', source: second.code })
    },
  }
}

/** Where the second script does not exist (unit tests), it takes nothing. */
export function noSharedModules(): Plugin {
  return {
    name: 'nuoyan-no-shared-modules',
    apply: 'serve',
    resolveId: (id) => (id === VIRTUAL ? `\0${VIRTUAL}` : undefined),
    load: (id) => (id === `\0${VIRTUAL}` ? 'export const version = "", modules = {}' : undefined),
  }
}

async function buildSecond(settings: { define?: InlineConfig['define']; build: InlineConfig['build'] }): Promise<Second> {
  const taken: Taken = {}
  const result = await build({
    configFile: false,
    root: WEB,
    logLevel: 'warn',
    publicDir: false,
    plugins: [takeFromFirst(), vue(), styleModules(), readImports(taken)],
    define: { ...settings.define, __WIDGET_VERSION__: JSON.stringify(version()) },
    build: {
      ...settings.build,
      write: false,
      lib: { entry: join(PANELS, 'entry.ts'), formats: ['es', 'iife'], name: 'nuoyanPanels', fileName: 'panels' },
      rollupOptions: { external: ['vue'], output: { globals: (id: string) => `${TAKEN}[${JSON.stringify(id)}]` } },
    },
  })
  const script = Array.isArray(result) ? result[1]?.output[0] : undefined
  if (!script) throw new Error('the second script was not built')
  return { code: script.code, taken }
}

/** Notes in `taken` what is left of the imports when everything unused is gone; that is the module's only use. */
function readImports(taken: Taken): Plugin {
  return {
    name: 'nuoyan-read-imports',
    renderChunk(code, _chunk, { format }) {
      if (format !== 'es') return undefined
      for (const statement of parseAst(code).body) {
        if (statement.type !== 'ImportDeclaration') continue
        const names = (taken[statement.source.value] ??= [])
        for (const one of statement.specifiers) {
          if (one.type === 'ImportNamespaceSpecifier') throw new Error(`take names from ${statement.source.value}`)
          const imported = one.type === 'ImportSpecifier' ? one.imported : null
          const name = imported === null ? 'default' : imported.type === 'Identifier' ? imported.name : imported.value
          if (!names.includes(name)) names.push(name)
        }
      }
      return 'export {}'
    },
  }
}

/** Modules of the widget outside `panels` are not built in: they are the first script's. */
function takeFromFirst(): Plugin {
  return {
    name: 'nuoyan-take-from-first',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!importer?.startsWith(PANELS) || !source.startsWith('.')) return undefined
      const found = await this.resolve(source, importer, { skipSelf: true })
      const path = found?.id.split('?')[0] ?? ''
      return path.startsWith(WIDGET) && !path.startsWith(PANELS) ? { id: FIRST + inWidget(path), external: true } : undefined
    },
  }
}

/** A module's path inside `widget`. */
function inWidget(path: string): string {
  return relative(WIDGET, path).split(sep).join('/')
}

/** The module of the first script that holds what the second takes. */
function sharedModules(taken: Taken): string {
  const imports: string[] = []
  const entries = Object.entries(taken).map(([key, names], module) => {
    const source = key.startsWith(FIRST) ? join(WIDGET, key.slice(FIRST.length)) : key
    const pairs = names.map((name, at) => {
      imports.push(`import { ${name} as m${module}_${at} } from ${JSON.stringify(source)}`)
      return `${JSON.stringify(name)}: m${module}_${at}`
    })
    // `import one from` a module that is no ES module means the module itself.
    if (names.includes('default')) {
      if (names.length > 1) throw new Error(`take either the default or names from ${key}`)
      return `${JSON.stringify(key)}: m${module}_0`
    }
    return `${JSON.stringify(key)}: { ${pairs.join(', ')} }`
  })
  return [
    ...imports,
    `export const version = ${JSON.stringify(version())}`,
    `export const modules = { ${entries.join(', ')} }`,
  ].join('\n')
}

/** Changes with every change of the widget: both scripts must come from one build. */
function version(): string {
  const hash = createHash('sha256')
  for (const path of filesUnder(WIDGET)) hash.update(relative(WIDGET, path)).update(readFileSync(path))
  return hash.digest('hex').slice(0, 12)
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
