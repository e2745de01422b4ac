/** What the customer has chosen for the look of the widget, remembered on this device. */
import { computed, reactive, ref, watch, type ComputedRef } from 'vue'

import { isLanguage, type Language } from '../i18n'
import type { Options, ThemeChoice } from './options'
import type { Store } from './storage'

export interface Preferences {
  elder: boolean
  theme: ThemeChoice
  lang: Language
}

/** The saved choices over those of the script tag; every change is saved. */
export function loadPreferences(options: Options, store: Store): Preferences {
  const saved = store.read('preferences') ?? {}
  const preferences = reactive<Preferences>({
    elder: typeof saved.elder === 'boolean' ? saved.elder : options.elder,
    theme: isTheme(saved.theme) ? saved.theme : options.theme,
    lang: isLanguage(saved.lang) ? saved.lang : options.lang,
  })
  watch(preferences, (now) => store.write('preferences', { ...now }))
  return preferences
}

/** Light or dark as shown, following the system when the customer has not chosen. */
export function useTheme(preferences: Preferences): ComputedRef<'light' | 'dark'> {
  const query = window.matchMedia?.('(prefers-color-scheme: dark)')
  const systemDark = ref(query?.matches ?? false)
  query?.addEventListener?.('change', (event) => (systemDark.value = event.matches))
  return computed(() => {
    if (preferences.theme !== 'auto') return preferences.theme
    return systemDark.value ? 'dark' : 'light'
  })
}

function isTheme(value: unknown): value is ThemeChoice {
  return value === 'auto' || value === 'light' || value === 'dark'
}
