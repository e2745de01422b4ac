/** Reads again and again while somebody looks; a slow answer is waited for, a hidden page is left alone. */
import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

export interface Polling {
  problem: Ref<string>
  now(): Promise<void>
}

export function usePolling(read: () => Promise<void>, everyMs: number): Polling {
  const problem = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false
  let running = false

  async function now(): Promise<void> {
    clearTimeout(timer)
    if (running) return
    running = true
    try {
      await read()
      problem.value = ''
    } catch (error) {
      problem.value = (error as Error).message
    } finally {
      running = false
      if (!over) timer = setTimeout(next, everyMs)
    }
  }

  function next(): void {
    if (document.hidden) timer = setTimeout(next, everyMs)
    else void now()
  }

  onMounted(now)
  onBeforeUnmount(() => {
    over = true
    clearTimeout(timer)
  })
  return { problem, now }
}
