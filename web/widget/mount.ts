/** Puts the widget on a page: a host element with a shadow root, the style sheet, the Vue application. */
import styles from 'virtual:widget-styles'
import { createApp } from 'vue'

import type { Options } from './core/options'
import type { Load } from './onDemand'
import WidgetRoot from './ui/WidgetRoot.vue'

export const HOST_ELEMENT = 'nuoyan-chat'

/**
 * Mount the widget into `parent`. Nothing inline is created, so a strict content policy
 * (`script-src` and `style-src` without `unsafe-inline`) holds. `loadScript`: another way to the
 * second script.
 */
export function mount(options: Options, parent: HTMLElement = document.body, loadScript?: Load): () => void {
  const host = document.createElement(HOST_ELEMENT)
  const shadow = host.attachShadow({ mode: 'open' })
  addStyles(shadow, styles, options.stylesheet)
  const root = document.createElement('div')
  shadow.append(root)
  parent.append(host)
  const app = createApp(WidgetRoot, {
    options,
    loadScript,
    addStyles: (css: string) => addStyles(shadow, css, options.panelStylesheet),
  })
  app.mount(root)
  return () => {
    app.unmount()
    host.remove()
  }
}

/** Older browsers cannot construct style sheets; they load the same sheet by a link. */
function addStyles(shadow: ShadowRoot, css: string, address: string): void {
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet]
  } catch {
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = address
    shadow.append(link)
  }
}
