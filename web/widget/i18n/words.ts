/** The words of the frame: Simplified Chinese, Traditional Chinese, English. */
export const WORDS = {
  launcher: ['在线客服', '線上客服', 'Help'],
  launcher_label: ['打开在线客服', '開啟線上客服', 'Open help chat'],
  launcher_unread: [
    '打开在线客服，有 {n} 条新消息',
    '開啟線上客服，有 {n} 則新訊息',
    'Open help chat, {n} new messages',
  ],
  subtitle: ['智能客服机器人', '智慧客服機器人', 'Service bot'],
  close_label: ['关闭客服窗口', '關閉客服視窗', 'Close the chat window'],
  conversation_label: ['对话内容', '對話內容', 'Conversation'],
  today: ['今天', '今天', 'Today'],
  yesterday: ['昨天', '昨天', 'Yesterday'],

  handoff: ['转人工', '轉人工', 'Human'],
  handoff_pending: ['正在转接…', '正在轉接…', 'Connecting…'],
  handoff_failed: [
    '这次没有转接成功，请稍后再试。',
    '這次沒有轉接成功，請稍後再試。',
    'We could not connect you. Please try again shortly.',
  ],
  handoff_call: [
    '也可以拨打客服热线 {hotline}。',
    '也可以撥打客服熱線 {hotline}。',
    'You can also call our hotline {hotline}.',
  ],
  handoff_hours: ['人工服务时间：{hours}', '人工服務時間：{hours}', 'Staff available: {hours}'],

  elder_on: ['大字', '大字', 'Large'],
  elder_on_label: ['切换到大字版', '切換到大字版', 'Switch to large type'],
  elder_off: ['标准', '標準', 'Normal'],
  elder_off_label: ['回到标准版', '回到標準版', 'Back to normal type'],

  menu: ['更多', '更多', 'More'],
  menu_new: ['开始新对话', '開始新對話', 'Start a new conversation'],
  menu_new_warning: [
    '这台设备上将不再显示现在的对话。银行会按规定保存服务记录。',
    '這台裝置上將不再顯示現在的對話。銀行會依規定保存服務紀錄。',
    'This device will no longer show this conversation. The bank keeps its service records.',
  ],
  cancel: ['取消', '取消', 'Cancel'],
  menu_theme: ['外观', '外觀', 'Appearance'],
  theme_auto: ['跟随系统', '跟隨系統', 'System'],
  theme_light: ['浅色', '淺色', 'Light'],
  theme_dark: ['深色', '深色', 'Dark'],
  menu_language: ['语言', '語言', 'Language'],

  role_bot: ['机器人', '機器人', 'Bot'],
  role_agent: ['人工客服', '人工客服', 'Staff'],
  role_customer: ['您', '您', 'You'],
  role_system: ['系统提示', '系統提示', 'Notice'],
  typing: ['正在回复', '正在回覆', 'Replying'],
  new_messages: ['有新消息', '有新訊息', 'New messages'],

  input_placeholder: ['请输入您的问题', '請輸入您的問題', 'Type your question'],
  send: ['发送', '傳送', 'Send'],
  counter: ['{n} / {max}', '{n} / {max}', '{n} / {max}'],
  counter_over: [
    '超出 {n} 字，请删减后再发送',
    '超出 {n} 字，請刪減後再傳送',
    '{n} characters too many; please shorten your message',
  ],
  card_hint: [
    '这看起来像银行卡号。咨询业务不需要卡号，建议删去后再发送。',
    '這看起來像銀行卡號。諮詢業務不需要卡號，建議刪去後再傳送。',
    'This looks like a card number. We do not need it here; please remove it before sending.',
  ],
  footnote: [
    '请勿发送密码、验证码和完整卡号',
    '請勿傳送密碼、驗證碼和完整卡號',
    'Never send passwords, codes or full card numbers',
  ],

  state_sending: ['发送中', '傳送中', 'Sending'],
  state_sent: ['已发送', '已傳送', 'Sent'],
  state_failed: ['未送达', '未送達', 'Not delivered'],
  resend: ['重发', '重發', 'Resend'],
  masked: [
    '为保护您的安全，其中的敏感信息已遮盖',
    '為保護您的安全，其中的敏感資訊已遮蓋',
    'For your safety, sensitive details were hidden',
  ],

  citation: ['依据 {source}', '依據 {source}', 'Source: {source}'],
  clause: ['第{clause}条', '第{clause}條', 'Art. {clause}'],
  citation_date: ['（{date}）', '（{date}）', ' ({date})'],

  case_title: ['业务进度', '業務進度', 'Progress'],
  case_number: ['编号', '編號', 'Number'],
  case_status: ['状态', '狀態', 'Status'],
  case_deadline: ['最晚答复', '最晚答覆', 'Answer by'],
  form_hint: ['请在下方输入框里回答', '請在下方輸入框裡回答', 'Please answer in the box below'],
  handoff_offered: ['需要人工帮助吗？', '需要人工協助嗎？', 'Would you like help from a human?'],
  handoff_message: ['已为您留言', '已為您留言', 'Your message has been left'],
  handoff_queued: ['已进入人工排队', '已進入人工排隊', 'You are in the queue'],
  buttons_label: ['可以这样问', '可以這樣問', 'Suggestions'],
  unsupported: ['这条内容请在最新版本中查看。', '這則內容請在最新版本中查看。', 'Please update to see this content.'],

  feedback_up: ['有帮助', '有幫助', 'Helpful'],
  feedback_down: ['没帮助', '沒幫助', 'Not helpful'],
  feedback_reason: ['哪里没帮上您？（可不填）', '哪裡沒幫上您？（可不填）', 'What was missing? (optional)'],
  reason_off_topic: ['答非所问', '答非所問', 'Off topic'],
  reason_wrong: ['内容有误', '內容有誤', 'Incorrect'],
  reason_unclear: ['看不明白', '看不明白', 'Hard to follow'],
  reason_unsolved: ['没解决问题', '沒解決問題', 'Did not solve it'],
  feedback_more: ['想补充的话', '想補充的話', 'Anything to add'],
  feedback_submit: ['提交', '提交', 'Submit'],
  feedback_thanks: ['谢谢您的评价', '謝謝您的評價', 'Thank you for your feedback'],
  feedback_failed: ['没有提交成功，请再试一次', '沒有提交成功，請再試一次', 'Not submitted; please try again'],
  rating_title: ['请您评价这次服务', '請您評價這次服務', 'How was our service?'],
  rating_up: ['满意', '滿意', 'Satisfied'],
  rating_down: ['不满意', '不滿意', 'Not satisfied'],

  offline: [
    '网络已断开，恢复后会自动连接',
    '網路已中斷，恢復後會自動連線',
    'You are offline. We will reconnect automatically.',
  ],
  connecting: ['正在连接…', '正在連線…', 'Connecting…'],
  back_online: ['已连接', '已連線', 'Connected'],

  empty_title: ['您好，很高兴为您服务', '您好，很高興為您服務', 'Hello, how can we help?'],
  empty_text: [
    '请在下方输入您想问的事，例如“卡折断了怎么换”。',
    '請在下方輸入您想問的事，例如「卡折斷了怎麼換」。',
    'Type your question below, for example “How do I replace a broken card?”',
  ],
  down_title: ['暂时连接不上客服', '暫時連接不上客服', 'We cannot connect right now'],
  down_text: [
    '可能是网络不稳定，也可能是我们的服务正在恢复。您可以稍等片刻再试。',
    '可能是網路不穩定，也可能是我們的服務正在恢復。您可以稍等片刻再試。',
    'Your network or our service may be down. Please try again shortly.',
  ],
  down_call: ['急事请拨打客服热线', '急事請撥打客服熱線', 'If it is urgent, call our hotline'],
  down_call_unknown: [
    '急事请拨打银行卡背面的客服电话。',
    '急事請撥打銀行卡背面的客服電話。',
    'If it is urgent, call the number on the back of your card.',
  ],
  down_urgent: [
    '卡片丢失、遭遇诈骗等紧急情况，请立即致电。',
    '卡片遺失、遭遇詐騙等緊急情況，請立即致電。',
    'Lost card or fraud? Please call at once.',
  ],
  retry: ['重新连接', '重新連接', 'Reconnect'],
  restarted: [
    '上一次对话已经结束，已为您开始新的对话。',
    '上一次對話已經結束，已為您開始新的對話。',
    'The last conversation has ended. A new one was started for you.',
  ],
} satisfies Record<string, [zhCN: string, zhTW: string, en: string]>

export type Key = keyof typeof WORDS
