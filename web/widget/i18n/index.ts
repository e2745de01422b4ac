/** Looks words up in the chosen language. */
import { WORDS, type Key } from './words'

export type { Key }
export type Language = 'zh-CN' | 'zh-TW' | 'en'

/** The languages in the order of the table's columns. */
export const LANGUAGES: readonly Language[] = ['zh-CN', 'zh-TW', 'en']

/** Each language under its own name. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  'zh-CN': '简体中文',
  'zh-TW': '繁體中文',
  en: 'English',
}

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language)
}

export type Translate = (key: Key, values?: Record<string, string | number>) => string

/** The words for `key`; `{name}` in them is replaced by the value of that name. */
export function translate(lang: Language, key: Key, values: Record<string, string | number> = {}): string {
  const words = WORDS[key][LANGUAGES.indexOf(lang)] ?? WORDS[key][0]
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
