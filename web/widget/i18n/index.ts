/** Looks words up in the chosen language. */
import { shallowReactive } from 'vue'

import { WORDS, type Key } from './zhCN'

export type { Key }
export type Language = 'zh-CN' | 'zh-TW' | 'en'
type Table = Readonly<Record<string, string>>

export const LANGUAGES: readonly Language[] = ['zh-CN', 'zh-TW', 'en']

/** Each language under its own name. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  'zh-CN': '简体中文',
  'zh-TW': '繁體中文',
  en: 'English',
}

const tables = shallowReactive<Partial<Record<Language, Table>>>({ 'zh-CN': WORDS })

/** Add words that came later; what is on screen follows. */
export function addWords(words: Partial<Record<Language, Table>>): void {
  for (const lang of LANGUAGES) if (words[lang]) tables[lang] = { ...tables[lang], ...words[lang] }
}

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language)
}

/** Whether the words of `lang` are there. */
export function hasWords(lang: Language): boolean {
  return tables[lang] !== undefined
}

type Values = Record<string, string | number>
export type Translate<K extends string = Key> = (key: K, values?: Values) => string

/** The words for `key`, in Chinese while the language is not there; `{name}` is replaced by that value. */
export function translate(lang: Language, key: string, values: Values = {}): string {
  const words = tables[lang]?.[key] ?? tables['zh-CN']?.[key] ?? ''
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
