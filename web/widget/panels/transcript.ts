/** The conversation as a text file, from the server's masked log. */
import { withMergedCitations, citationText } from '../chat/citation'
import { clockTime, dayKey } from '../core/time'
import type { Block, ServerMessage } from '../core/types'
import type { PanelContext } from './context'

/** Windows' text editor reads UTF-8 only with this mark. */
const BYTE_ORDER_MARK = '\ufeff'
const ENDLESS_ADDRESS_MS = 60_000

/** Fetch everything and let the browser save it. Fails with an `ApiError`. */
export async function saveTranscript(context: PanelContext): Promise<void> {
  const { session, api } = context
  const { messages, id } = await session.withRights(async (who) => ({
    messages: await api.messagesAfter(who, 0),
    id: who.id,
  }))
  const text = transcriptText(messages, context, id, new Date())
  saveAs(new Blob([BYTE_ORDER_MARK + text], { type: 'text/plain;charset=utf-8' }), fileName(context, new Date()))
}

/** Let the browser save a file under a name. */
export function saveAs(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), ENDLESS_ADDRESS_MS)
}

function fileName({ t }: PanelContext, now: Date): string {
  return `${t('transcript_file')}-${dayKey(now.toISOString())}.txt`
}

/** The whole talk, one message after the other, each with its time and speaker. */
export function transcriptText(messages: ServerMessage[], context: PanelContext, id: string, now: Date): string {
  const { bank, t } = context
  const head = [
    t('transcript_head', { bank: bank.value.name || t('launcher') }),
    t('transcript_about', { id, time: `${dayKey(now.toISOString())} ${clockTime(now.toISOString())}` }),
    t('transcript_masked'),
  ]
  return [...head, '', ...messages.map((message) => messageText(message, context)), ''].join('\r\n')
}

function messageText(message: ServerMessage, { t }: PanelContext): string {
  const agent = message.agent ? ` ${t('agent_number', { agent: message.agent })}` : ''
  const head = `[${dayKey(message.created_at)} ${clockTime(message.created_at)}] ${t(`role_${message.role}`)}${agent}`
  const lines = withMergedCitations(message.blocks).flatMap((block) => linesOf(block, t))
  return [head, ...lines.flatMap((line) => line.split(/\r?\n/)).map((line) => `  ${line}`), ''].join('\r\n')
}

/** What a block says, line by line; an unknown block by its text, if it has one. */
function linesOf(block: Block, t: PanelContext['t']): string[] {
  switch (block.type) {
    case 'citation':
      return [citationText(block, t)]
    case 'buttons':
      return [...titled(block.title), ...block.buttons.map(({ title }) => `○ ${title}`)]
    case 'steps':
      return [...titled(block.title), ...block.items.map((item, at) => `${at + 1}. ${item}`)]
    case 'facts':
      return [
        ...titled(block.title),
        ...block.items.map(({ label, text }) => (label ? `· ${label}：${text}` : `· ${text}`)),
      ]
    case 'case':
      return [block.number, block.status, block.deadline, block.next].flatMap(titled)
    case 'form':
    case 'rating':
      return titled(block.title)
    default:
      return titled((block as { text?: string | null }).text)
  }
}

function titled(text: unknown): string[] {
  return typeof text === 'string' && text ? [text] : []
}
