/** Tells the server whom the bank's page has signed in. */
import type { Options } from '../core/options'
import type { ApiError, Api, Credentials } from '../net/api'
import type { SessionEvents, SessionState } from './sessionTypes'

/**
 * Returns how to tell it: true when the talk may go on; false when it is not for whom the page names now
 * (somebody else, or nobody any more) and must not be shown to them. What the page cannot say, or the
 * server does not accept, changes nothing: that customer is served like anybody else.
 */
export function createIdentity(
  api: Api,
  options: Options,
  state: SessionState,
  events: SessionEvents,
): (who: Credentials) => Promise<boolean> {
  /** A token counts once. */
  let told: string | null = null

  return async (who) => {
    const token = await options.identityToken().catch(() => undefined)
    if (token === undefined || (token ? token === told : !state.verified)) return true
    told = token
    try {
      const now = await api.identify(who, token)
      state.verified = now.identity === 'verified'
      state.name = now.name ?? ''
      state.caseChanges += 1
      if (now.elder) events.readsLarge()
    } catch (error) {
      if (token && (error as ApiError).status !== 409) return true
      told = null
      state.verified = false
    }
    return state.verified
  }
}
