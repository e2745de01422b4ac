/**
 * What the widget keeps in the browser, and nothing else:
 *
 *   nuoyan:<server address>:conversation   {id, token, feedback, elder, verified}   the right to read this conversation
 *   nuoyan:<server address>:preferences    {elder, theme, lang}
 *   nuoyan:<server address>:config         the bank's name and hotline, for the time when the server is down
 *
 * All in `localStorage`, which the browser already keeps apart by the page's origin; the server's
 * address in the key keeps two servers on one page apart. No message text is ever stored: what a
 * customer types may hold secrets that only the server masks. A browser that refuses storage
 * (private mode, blocked cookies) gets a store that lasts as long as the page.
 */
import type { BankConfig, Verdict } from './types'

export interface SavedConversation {
  id: string
  token: string
  /** Given verdicts by sequence number, so that a reload shows them. */
  feedback: Record<string, Verdict>
  /** Whether the server was told of large type; absent when nothing is known. */
  elder?: boolean
  /** Whether it belongs to a customer whom the bank's page has signed in. */
  verified?: boolean
}

export interface SavedPreferences {
  elder?: boolean
  theme?: string
  lang?: string
}

interface Records {
  conversation: SavedConversation
  preferences: SavedPreferences
  config: BankConfig
}

export interface Store {
  read<K extends keyof Records>(name: K): Records[K] | null
  write<K extends keyof Records>(name: K, value: Records[K]): void
  remove(name: keyof Records): void
}

/** Open the store of one server. Damaged entries read as null; a full or blocked storage is no error. */
export function openStore(api: string, storage: Storage | null = pageStorage()): Store {
  const memory = new Map<string, string>()
  const keyOf = (name: string): string => `nuoyan:${api}:${name}`
  return {
    read<K extends keyof Records>(name: K): Records[K] | null {
      const raw = attempt(() => storage?.getItem(keyOf(name))) ?? memory.get(keyOf(name))
      const value: unknown = raw ? attempt(() => JSON.parse(raw)) : null
      return typeof value === 'object' ? (value as Records[K] | null) : null
    },
    write(name, value) {
      const raw = JSON.stringify(value)
      memory.set(keyOf(name), raw)
      attempt(() => storage?.setItem(keyOf(name), raw))
    },
    remove(name) {
      memory.delete(keyOf(name))
      attempt(() => storage?.removeItem(keyOf(name)))
    },
  }
}

function pageStorage(): Storage | null {
  return attempt(() => window.localStorage) ?? null
}

function attempt<T>(action: () => T): T | null {
  try {
    return action()
  } catch {
    return null
  }
}
