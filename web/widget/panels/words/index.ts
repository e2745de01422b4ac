/** The words of the second script, and those of both in other languages. */
import { en, enPanels } from './en'
import { PANEL_WORDS } from './zhCN'
import { zhTW, zhTWPanels } from './zhTW'

export const words = {
  'zh-CN': PANEL_WORDS,
  'zh-TW': { ...zhTW, ...zhTWPanels },
  en: { ...en, ...enPanels },
}
