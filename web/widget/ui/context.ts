/** What every part of the widget shares, handed down by the root. */
import { inject, type ComputedRef, type InjectionKey, type Ref } from 'vue'

import type { Session } from '../chat/sessionTypes'
import type { Speaker } from '../chat/view'
import type { Options } from '../core/options'
import type { Preferences } from '../core/preferences'
import type { Translate } from '../i18n'
import type { Api } from '../net/api'
import type { Load } from '../onDemand'

/** What the panel shows: the talk, or one of the panels of the second script. */
export type View = 'chat' | PanelName
export const PANEL_NAMES = ['faq', 'cases', 'rating', 'message'] as const
export type PanelName = (typeof PANEL_NAMES)[number]

export interface WidgetContext {
  options: Options
  preferences: Preferences
  session: Session
  api: Api
  t: Translate
  /** Names and numbers of this bank; empty strings where nothing is known. */
  bank: ComputedRef<{ name: string; hotline: string; hours: string }>
  speaker: ComputedRef<Speaker>
  /** The unsent text in the input box; survives closing the panel. */
  draft: Ref<string>
  view: Ref<View>
  /** Get the second script. */
  load: Load
  /** What the live region holds: the latest few spoken lines. */
  spoken: Ref<{ id: number; text: string }[]>
  /** Speak through the one live region. */
  announce(text: string): void
}

export const WIDGET: InjectionKey<WidgetContext> = Symbol('widget')

export function useWidget(): WidgetContext {
  const context = inject(WIDGET)
  if (!context) throw new Error('used outside the widget')
  return context
}
