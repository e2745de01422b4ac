/**
 * Loads the second script when it is first needed: panels, menu, other languages.
 *
 * It is a classic script from the same folder as the first. What it takes from the first hangs on its
 * element for the moment in which it runs, so nothing becomes global on the bank's page.
 */
import { modules, version } from 'virtual:shared-modules'

import type { Options } from './core/options'

export type OnDemand = typeof import('./panels')
export type Load = () => Promise<OnDemand>

/** What the second script finds on its own element. */
export interface Handover {
  modules: Record<string, unknown>
  version: string
  take(exports: OnDemand): void
}

/** How long the script may take before it counts as not coming. */
export const LOAD_TIMEOUT_MS = 15_000

/** Returns how to get the second script: loaded once, tried again after a failure. */
export function createLoader(options: Options, loadScript: Load = () => fetchScript(options)): Load {
  let loading: Promise<OnDemand> | null = null
  return () => {
    loading ??= loadScript().catch((error: unknown) => {
      loading = null
      throw error
    })
    return loading
  }
}

function fetchScript({ panels, nonce }: Options): Promise<OnDemand> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script')
    const fail = (): void => {
      script.remove()
      reject(new Error('the second script did not come'))
    }
    const timer = setTimeout(fail, LOAD_TIMEOUT_MS)
    const handover: Handover = { modules, version, take: resolve }
    Object.assign(script, { nuoyan: handover, src: `${panels}?v=${version}`, async: true })
    // A page whose policy works by nonce has given one to the first script.
    if (nonce) script.nonce = nonce
    script.onerror = fail
    script.onload = () => {
      clearTimeout(timer)
      // Taken by now, unless it comes from another build; a settled promise minds no second word.
      fail()
    }
    document.head.append(script)
  })
}
