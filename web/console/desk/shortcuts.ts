/** Keys of the desk. All work while typing too, so each needs Alt; `?` outside a text field shows the list. */
export interface Shortcut {
  /** `KeyboardEvent.code`, with Alt held. */
  code: string
  shown: string
  what: string
  action: string
}

export const SHORTCUTS: readonly Shortcut[] = [
  { code: 'KeyA', shown: 'Alt + A', what: '接听振铃或转接来的会话', action: 'accept' },
  { code: 'KeyZ', shown: 'Alt + Z', what: '暂不接听，转给下一位', action: 'decline' },
  { code: 'KeyN', shown: 'Alt + N', what: '领取等候最久的客户', action: 'next' },
  { code: 'ArrowUp', shown: 'Alt + ↑', what: '上一个会话', action: 'up' },
  { code: 'ArrowDown', shown: 'Alt + ↓', what: '下一个会话', action: 'down' },
  { code: 'KeyR', shown: 'Alt + R', what: '回复客户（光标到输入框）', action: 'reply' },
  { code: 'KeyP', shown: 'Alt + P', what: '写内部备注', action: 'note' },
  { code: 'KeyK', shown: 'Alt + K', what: '常用语', action: 'canned' },
  { code: 'KeyG', shown: 'Alt + G', what: '发送知识卡片', action: 'card' },
  { code: 'KeyS', shown: 'Alt + S', what: '推荐答复', action: 'suggest' },
  { code: 'KeyT', shown: 'Alt + T', what: '转接', action: 'transfer' },
  { code: 'KeyC', shown: 'Alt + C', what: '会商', action: 'consult' },
  { code: 'KeyB', shown: 'Alt + B', what: '征得同意后转回机器人', action: 'bot' },
  { code: 'KeyX', shown: 'Alt + X', what: '结束会话', action: 'close' },
  { code: 'KeyO', shown: 'Alt + O', what: '在线／忙碌切换', action: 'status' },
]

/** The action a key press stands for, or null. */
export function actionOf(event: KeyboardEvent): string | null {
  if (event.isComposing) return null
  if (event.key === '?' && !event.altKey && !event.ctrlKey && !event.metaKey && !isTyping(event.target)) return 'help'
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null
  return SHORTCUTS.find(({ code }) => code === event.code)?.action ?? null
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
