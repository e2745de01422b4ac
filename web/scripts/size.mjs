/** Fails when the widget's one script is above its budget or holds what a strict content policy forbids. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET = 45_000
const FILE = new URL('../dist/widget/nuoyan.js', import.meta.url)

const source = readFileSync(FILE)
const size = gzipSync(source, { level: 9 }).length
console.log(`widget/nuoyan.js: ${source.length} bytes, ${size} gzipped (budget ${BUDGET})`)

const forbidden = [/\beval\s*\(/, /\bnew\s+Function\b/, /\bFunction\s*\(\s*["'`]/].filter((pattern) =>
  pattern.test(source.toString()),
)
for (const pattern of forbidden) console.error(`code from text: ${pattern}`)
if (size > BUDGET) console.error('the widget is too large')
process.exitCode = size > BUDGET || forbidden.length > 0 ? 1 : 0
