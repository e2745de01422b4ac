/** Fails when a script of the widget is above its budget or holds what a strict content policy forbids. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** Bytes after gzip: the first is loaded by every visitor of the bank's page, the second on demand. */
const BUDGETS = { 'nuoyan.js': 45_000, 'nuoyan-panels.js': 25_000 }
const FORBIDDEN = [/\beval\s*\(/, /\bnew\s+Function\b/, /\bFunction\s*\(\s*["'`]/]

for (const [name, budget] of Object.entries(BUDGETS)) {
  const source = readFileSync(new URL(`../dist/widget/${name}`, import.meta.url))
  const size = gzipSync(source, { level: 9 }).length
  console.log(`widget/${name}: ${source.length} bytes, ${size} gzipped (budget ${budget})`)
  for (const pattern of FORBIDDEN) {
    if (!pattern.test(source.toString())) continue
    console.error(`code from text: ${pattern}`)
    process.exitCode = 1
  }
  if (size > budget) {
    console.error(`widget/${name} is too large`)
    process.exitCode = 1
  }
}
