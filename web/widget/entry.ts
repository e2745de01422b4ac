/** The classic script a bank embeds: `<script async src="…/widget/nuoyan.js" data-…></script>`. */
import { readOptions } from './core/options'
import { HOST_ELEMENT, mount } from './mount'

const script = document.currentScript

function begin(): void {
  // Embedded twice by mistake, there is still one widget.
  if (!(script instanceof HTMLScriptElement) || document.querySelector(HOST_ELEMENT)) return
  mount(readOptions(script, window.location.search))
}

if (document.body) begin()
else document.addEventListener('DOMContentLoaded', begin)
