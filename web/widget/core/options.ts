/**
 * The settings of one embedding, read from the `data-*` attributes of the script tag:
 *
 *   <script async src="https://chat.bank.example/widget/nuoyan.js" data-bank="诺言银行"></script>
 *
 * | attribute         | meaning                                                        | default              |
 * |-------------------|----------------------------------------------------------------|----------------------|
 * | data-api          | address of the server                                          | where the script is  |
 * | data-mode         | `float` (launcher and panel) or `page` (fills the window)      | float                |
 * | data-channel      | `web` or `app`, told to the server                             | web; app when `page` |
 * | data-lang         | zh-CN, zh-TW or en                                             | zh-CN                |
 * | data-elder        | present, `1` or `true`: start in large type                    | off                  |
 * | data-theme        | auto, light or dark                                            | auto                 |
 * | data-bank         | name shown until the server has told its own                   | 在线客服              |
 * | data-hotline      | telephone shown when the server cannot be reached              | none                 |
 * | data-link-hosts   | hosts whose https links may be clicked, separated by commas    | the server's host    |
 * | data-identity-token | the bank's signed word who its customer is                   | none: anonymous      |
 *
 * On the full page, `lang`, `elder` and `theme` may also come from the address (`/app?elder=1`),
 * so that an app can hand over its own settings. Any element with `data-nuoyan-open` on the host
 * page opens the panel. A page that learns who its customer is only later, or renews the token,
 * sets `window.NuoyanIdentity = { token }`, a text or a function that returns one (null when nobody
 * is signed in), and tells of a change by `window.dispatchEvent(new Event('nuoyan-identity'))`.
 */
import { isLanguage, type Language } from '../i18n'

export type ThemeChoice = 'auto' | 'light' | 'dark'

export interface Options {
  /** Address of the server without a trailing slash. */
  api: string
  /** Address of the style sheet, for browsers that cannot construct one. */
  stylesheet: string
  /** Address of the second script, and of its style sheet. */
  panels: string
  panelStylesheet: string
  /** The first script's nonce, for pages whose content policy works by nonce. */
  nonce: string
  mode: 'float' | 'page'
  channel: 'web' | 'app'
  lang: Language
  elder: boolean
  theme: ThemeChoice
  bank: string
  hotline: string
  linkHosts: string[]
  /** The host page's signed word who its customer is, read anew at every call; null: nobody is signed in. */
  identityToken(): Promise<string | null>
}

declare global {
  interface Window {
    NuoyanIdentity?: { token?: IdentityToken }
  }
}

type IdentityToken = string | null | (() => string | null | Promise<string | null>)

const SCRIPT_PATH = /\/widget\/nuoyan\.js$/

/** Read the options of `script`; `search` is the query string of the page (used in page mode). */
export function readOptions(script: HTMLScriptElement, search = ''): Options {
  const data = script.dataset
  const mode = data.mode === 'page' ? 'page' : 'float'
  const query = new URLSearchParams(mode === 'page' ? search : '')
  const pick = (name: string): string | undefined => query.get(name) ?? data[name]
  const lang = pick('lang')
  const api = serverAddress(script)
  const beside = (name: string): string => new URL(name, new URL(script.src, document.baseURI)).href
  return {
    api,
    stylesheet: beside('nuoyan.css'),
    panels: beside('nuoyan-panels.js'),
    panelStylesheet: beside('nuoyan-panels.css'),
    nonce: script.nonce ?? '',
    mode,
    channel: (data.channel ?? (mode === 'page' ? 'app' : 'web')) === 'app' ? 'app' : 'web',
    lang: isLanguage(lang) ? lang : 'zh-CN',
    elder: isOn(pick('elder')),
    theme: asTheme(pick('theme')),
    bank: data.bank?.trim() ?? '',
    hotline: data.hotline?.trim() ?? '',
    linkHosts: hostList(data.linkHosts) ?? [new URL(api).host],
    identityToken: () => identityToken(data),
  }
}

async function identityToken(data: DOMStringMap): Promise<string | null> {
  const told = window.NuoyanIdentity ? window.NuoyanIdentity.token : data.identityToken
  return (typeof told === 'function' ? await told() : told) || null
}

function serverAddress(script: HTMLScriptElement): string {
  const given = script.dataset.api
  if (given) return new URL(given, document.baseURI).href.replace(/\/+$/, '')
  const source = new URL(script.src, document.baseURI)
  const path = source.pathname.replace(SCRIPT_PATH, '').replace(/\/+$/, '')
  return source.origin + path
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '0' && value !== 'false'
}

function asTheme(value: string | undefined): ThemeChoice {
  return value === 'light' || value === 'dark' ? value : 'auto'
}

function hostList(value: string | undefined): string[] | null {
  if (value === undefined) return null
  return value
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter(Boolean)
}
