/** Sound and desktop notification. Both are off where the browser or the agent does not want them. */
const MUTED = 'nuoyan:desk:muted'

let audio: AudioContext | null = null

export const isMuted = (): boolean => localStorage.getItem(MUTED) === '1'

export function setMuted(muted: boolean): void {
  if (muted) localStorage.setItem(MUTED, '1')
  else localStorage.removeItem(MUTED)
}

/** A short tone: two rising for a ring, one for a message. */
export function tone(kind: 'ring' | 'message'): void {
  if (isMuted() || typeof AudioContext === 'undefined') return
  try {
    audio ??= new AudioContext()
    // Browsers keep a context asleep until the page has been used.
    if (audio.state === 'suspended') void audio.resume()
    for (const [index, hertz] of (kind === 'ring' ? [660, 880] : [740]).entries()) note(audio, hertz, index * 0.18)
  } catch {
    // No sound device.
  }
}

function note(context: AudioContext, hertz: number, after: number): void {
  const [oscillator, gain] = [context.createOscillator(), context.createGain()]
  const start = context.currentTime + after
  oscillator.frequency.value = hertz
  gain.gain.setValueAtTime(0.0001, start)
  gain.gain.exponentialRampToValueAtTime(0.12, start + 0.02)
  gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.16)
  oscillator.connect(gain).connect(context.destination)
  oscillator.start(start)
  oscillator.stop(start + 0.18)
}

export const canNotify = (): boolean => typeof Notification !== 'undefined' && Notification.permission === 'granted'
export const mayAskToNotify = (): boolean => typeof Notification !== 'undefined' && Notification.permission === 'default'
export const askToNotify = (): Promise<unknown> => Notification.requestPermission()

/** Notify while the page is not in front. The text never holds what a customer wrote. */
export function notify(title: string, tag: string, open: () => void): void {
  if (!document.hidden || !canNotify()) return
  const shown = new Notification(title, { tag, lang: 'zh-CN' })
  shown.onclick = () => {
    window.focus()
    shown.close()
    open()
  }
}
