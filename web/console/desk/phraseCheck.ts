/** The check of phrases while an agent types: warns or blocks by the rules the supervisors keep. */
import { computed, onBeforeUnmount, ref, type Ref } from 'vue'

import { sendable } from '../../widget/core/text'
import { checkPhrases } from '../api/desk'
import type { Finding } from '../api/deskTypes'

export const CHECK_AFTER_MS = 350

export interface PhraseCheck {
  findings: Ref<Finding[]>
  /** Something must not be sent. */
  blocked: Ref<boolean>
  /** The warnings shown are about exactly what stands there now. */
  warned: Ref<boolean>
  later(): void
  /** Check now; true when nothing was found. Rejects when the check failed, so that nothing slips through. */
  now(): Promise<boolean>
  reset(): void
}

export function usePhraseCheck(text: Ref<string>): PhraseCheck {
  const findings = ref<Finding[]>([])
  const checked = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined

  const blocked = computed(() => findings.value.some(({ action }) => action === 'block'))
  const warned = computed(() => findings.value.length > 0 && checked.value === sendable(text.value))

  async function now(): Promise<boolean> {
    clearTimeout(timer)
    const words = sendable(text.value)
    if (words === checked.value) return findings.value.length === 0
    const found = words ? await checkPhrases(words) : []
    if (words === sendable(text.value)) {
      findings.value = found
      checked.value = words
    }
    return found.length === 0
  }

  function later(): void {
    clearTimeout(timer)
    // A failed check is said when it matters: at sending.
    timer = setTimeout(() => void now().catch(() => undefined), CHECK_AFTER_MS)
  }

  function reset(): void {
    clearTimeout(timer)
    findings.value = []
    checked.value = ''
  }

  onBeforeUnmount(reset)
  return { findings, blocked, warned, later, now, reset }
}
