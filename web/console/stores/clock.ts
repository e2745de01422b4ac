/** One clock for everything that counts seconds on the screen. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

export const useClock = defineStore('clock', () => {
  const now = ref(Date.now())
  let users = 0
  let timer: ReturnType<typeof setInterval> | undefined

  /** Start ticking for one user; returns how to stop. The last one stops the clock. */
  function run(): () => void {
    users += 1
    now.value = Date.now()
    timer ??= setInterval(() => (now.value = Date.now()), 1_000)
    let stopped = false
    return () => {
      if (stopped) return
      stopped = true
      users -= 1
      if (users > 0) return
      clearInterval(timer)
      timer = undefined
    }
  }

  return { now, run }
})
