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
 *
 * On the full page, `lang`, `elder` and `theme` may also come from the address (`/app?elder=1`),
 * so that an app can hand over its own settings. Any element with `data-nuoyan-open` on the host
 * page opens the panel.
 */
import { isLanguage, type Language } from '../i18n'

export type ThemeChoice = 'auto' | 'light' | 'dark'

export interface Options {
  /** Address of the server without a trailing slash. */
  api: string
  /** Address of the style sheet, for browsers that cannot construct one. */
  stylesheet: string
  mode: 'float' | 'page'
  channel: 'web' | 'app'
  lang: Language
  elder: boolean
  theme: ThemeChoice
  bank: string
  hotline: string
  linkHosts: string[]
}

const SCRIPT_PATH = /\/widget\/nuoyan\.js$/

/** Read the options of `script`; `search` is the query string of the page (used in page mode). */
export function readOptions(script: HTMLScriptElement, search = ''): Options {
  const data = script.dataset
  const mode = data.mode === 'page' ? 'page' : 'float'
  const query = new URLSearchParams(mode === 'page' ? search : '')
  const pick = (name: string): string | undefined => query.get(name) ?? data[name]
  const lang = pick('lang')
  const api = serverAddress(script)
  return {
    api,
    stylesheet: new URL('nuoyan.css', new URL(script.src, document.baseURI)).href,
    mode,
    channel: (data.channel ?? (mode === 'page' ? 'app' : 'web')) === 'app' ? 'app' : 'web',
    lang: isLanguage(lang) ? lang : 'zh-CN',
    elder: isOn(pick('elder')),
    theme: asTheme(pick('theme')),
    bank: data.bank?.trim() ?? '',
    hotline: data.hotline?.trim() ?? '',
    linkHosts: hostList(data.linkHosts) ?? [new URL(api).host],
  }
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
