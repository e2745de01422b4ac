/** What the parts of the second script share: the widget's context with the words of both scripts. */
import { useWidget, type WidgetContext } from '../ui/context'
import type { Key, Translate } from '../i18n'
import { ApiError } from '../net/api'
import type { PanelKey } from './words/zhCN'

export type PanelContext = Omit<WidgetContext, 't'> & { t: Translate<Key | PanelKey> }

export function usePanel(): PanelContext {
  return useWidget() as PanelContext
}

/** The server's words about a refusal, or ours when there was no answer. */
export function reasonOf(error: unknown, t: PanelContext['t']): string {
  return (error instanceof ApiError && error.text) || t('load_failed')
}
