import { createApp, nextTick, ref, type Ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Finding } from '../../console/api/deskTypes'
import { CHECK_AFTER_MS, usePhraseCheck, type PhraseCheck } from '../../console/desk/phraseCheck'

const WARN: Finding = { key: 'w', action: 'warn', found: '马上', hint: '', clause: null }
const BLOCK: Finding = { key: 'b', action: 'block', found: '不归我管', hint: '', clause: null }

let answers: ((findings: Finding[] | Error) => void)[]
let asked: string[]
let text: Ref<string>
let check: PhraseCheck

beforeEach(() => {
  vi.useFakeTimers()
  answers = []
  asked = []
  vi.stubGlobal('fetch', (_path: string, init: RequestInit) => {
    asked.push((JSON.parse(String(init.body)) as { text: string }).text)
    return new Promise((resolve, reject) =>
      answers.push((found) => (found instanceof Error ? reject(found) : resolve(new Response(JSON.stringify({ findings: found }))))),
    )
  })
  text = ref('')
  createApp({
    setup() {
      check = usePhraseCheck(text)
      return () => null
    },
  }).mount(document.createElement('div'))
})
afterEach(() => vi.useRealTimers())

async function typed(words: string): Promise<void> {
  text.value = words
  check.later()
  await vi.advanceTimersByTimeAsync(CHECK_AFTER_MS)
}

async function answered(found: Finding[] | Error): Promise<void> {
  answers.shift()?.(found)
  await vi.advanceTimersByTimeAsync(0)
  await nextTick()
}

describe('the check of phrases', () => {
  it('asks once after a pause, not at every key', async () => {
    for (const words of ['马', '马上', '马上解']) {
      text.value = words
      check.later()
      await vi.advanceTimersByTimeAsync(CHECK_AFTER_MS / 2)
    }
    await typed('马上解决')
    expect(asked).toEqual(['马上解决'])
  })

  it('warns about exactly the words that stand there', async () => {
    await typed('马上解决')
    await answered([WARN])
    expect([check.warned.value, check.blocked.value]).toEqual([true, false])
    text.value = '马上解决！'
    expect(check.warned.value).toBe(false)
  })

  it('forgets an answer about words that were changed meanwhile', async () => {
    await typed('不归我管')
    text.value = '我来帮您'
    await answered([BLOCK])
    expect(check.findings.value).toEqual([])
  })

  it('asks again at sending when the words are newer than the last answer', async () => {
    await typed('您好')
    await answered([])
    text.value = '不归我管'
    const clean = check.now()
    await answered([BLOCK])
    expect(await clean).toBe(false)
    expect(check.blocked.value).toBe(true)
  })

  it('lets nothing through when it cannot ask', async () => {
    text.value = '您好'
    const clean = check.now()
    const outcome = expect(clean).rejects.toThrow('连不上')
    await answered(new TypeError('network'))
    await outcome
  })
})
