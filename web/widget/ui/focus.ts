/** Keyboard focus inside the shadow root. */

const FOCUSABLE =
  'a[href], button:not([disabled]), textarea:not([disabled]), input:not([disabled]), [tabindex="0"]'

/** Keep Tab inside `root`: past the last element comes the first, and the other way round. */
export function keepTabInside(event: KeyboardEvent, root: HTMLElement): void {
  const elements = root.querySelectorAll<HTMLElement>(FOCUSABLE)
  const first = elements[0]
  const last = elements[elements.length - 1]
  if (!first || !last) return
  const active = (root.getRootNode() as Document | ShadowRoot).activeElement
  const atEdge = event.shiftKey ? active === first || active === root : active === last
  if (!atEdge) return
  event.preventDefault()
  ;(event.shiftKey ? last : first).focus()
}

/** Whether the main pointer is a finger: focusing the input box would raise the keyboard. */
export function isTouch(): boolean {
  return window.matchMedia?.('(pointer: coarse)').matches ?? false
}
