/** Fits the full-screen panel into the part of the window that the on-screen keyboard leaves free. */

/** Follow the visual viewport in two custom properties of `root`; returns how to stop. */
export function followViewport(root: HTMLElement): () => void {
  const viewport = window.visualViewport
  if (!viewport) return () => undefined
  const apply = (): void => {
    // Pinch zoom also shrinks the visual viewport; the panel must not follow it.
    if (viewport.scale > 1.01) return
    root.style.setProperty('--ny-viewport-height', `${Math.round(viewport.height)}px`)
    root.style.setProperty('--ny-viewport-top', `${Math.round(viewport.offsetTop)}px`)
  }
  apply()
  viewport.addEventListener('resize', apply)
  viewport.addEventListener('scroll', apply)
  return () => {
    viewport.removeEventListener('resize', apply)
    viewport.removeEventListener('scroll', apply)
  }
}

/** Keep the page behind a full-screen panel from scrolling; returns how to undo it. */
export function lockPage(): () => void {
  if (!window.matchMedia?.('(max-width: 520px)').matches) return () => undefined
  const { style } = document.documentElement
  const before = style.overflow
  style.overflow = 'hidden'
  return () => {
    style.overflow = before
  }
}
