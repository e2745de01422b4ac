/** Chinese names of what the desk's interface says in stable names. */
import type { AgentStatus, ChatState, ClockName, Identity, Mood, NoteKind } from '../api/deskTypes'

export const SKILLS: Record<string, string> = {
  general: '综合',
  card: '银行卡',
  loan: '贷款',
  wealth: '理财',
  complaint: '投诉',
  elder: '老年专席',
  urgent: '紧急',
}

export const STATUSES: Record<AgentStatus, string> = { online: '在线', busy: '忙碌', break: '小休', wrap_up: '话后处理', offline: '离线' }

export const STATES: Record<ChatState, string> = {
  queued: '排队中',
  ringing: '振铃中',
  human: '人工接待',
  wrap_up: '待写小结',
  closed: '已结束',
  left: '已留言',
  cancelled: '已取消排队',
}

export const OWNERS: Record<ClockName, string> = { bot: '机器人', queue: '排队', human: '人工', wrap_up: '话后' }

export const IDENTITIES: Record<Identity, string> = { anonymous: '未核身', code: '验证码核身', verified: '登录核身' }

export const MOODS: Record<Mood, string> = { calm: '平静', unhappy: '不满', angry: '激动', danger: '紧急' }

export const NOTES: Record<NoteKind, string> = { note: '内部备注', memo: '交接说明', whisper: '班长提示', consult: '会商' }

/** What the assistant has collected, by its own names; other slots are for its own use. */
export const SLOTS: Record<string, string> = {
  question: '最近的提问',
  products: '涉及产品',
  case_number: '工单编号',
  phone_tail: '手机尾号',
  urge_reason: '催办原因',
  complaint_details: '投诉经过与诉求',
  complaint_contact: '希望的答复方式',
  loss_details: '挂失情况',
  suggestion_text: '表扬或建议',
}

export const skillName = (skill: string | null): string => (skill ? (SKILLS[skill] ?? skill) : '')

/** How a chat is called in lists: customers have no names here. */
export const customerName = (conversationId: string): string => `客户 ${conversationId.replace(/[^A-Za-z0-9]/g, '').slice(-4).toUpperCase()}`

export const REVEAL_REASONS = ['联系客户回访', '核对办理信息', '处理投诉工单', '风险核查'] as const
