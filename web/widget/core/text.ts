/** Small rules about the text a customer types. */

/** The server's limit, in characters (Unicode code points). */
export const MAX_CHARACTERS = 2000
/** From here on the counter is shown. */
export const COUNTER_FROM = 1800

// Control characters other than tab and newline.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
// With the u flag this matches only halves of surrogate pairs.
const LONE_SURROGATE = /[\ud800-\udfff]/gu

/** Number of characters as the server counts them. */
export function characterCount(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** The text as it is sent: line ends unified, control characters and blank edges gone. */
export function sendable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(CONTROL, '').replace(LONE_SURROGATE, '').trim()
}
