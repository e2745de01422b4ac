/** Chinese names of what the desk's interface says in stable names. */
import type { AgentStatus, ChatState, Identity, NoteKind, Owner } from '../api/deskTypes'

export const SKILLS: Record<string, string> = {
  general: '综合',
  card: '银行卡',
  loan: '贷款',
  wealth: '理财',
  complaint: '投诉',
  elder: '老年专席',
  urgent: '紧急',
}

export const STATUSES: Record<AgentStatus, string> = {
  online: '在线',
  busy: '忙碌',
  break: '小休',
  wrap_up: '话后处理',
  offline: '离线',
}

export const STATES: Record<ChatState, string> = {
  bot: '机器人接待',
  queued: '排队中',
  ringing: '振铃中',
  human: '人工接待',
  wrap_up: '待写小结',
  closed: '已结束',
  left: '已留言',
  cancelled: '已取消排队',
}

export const OWNERS: Record<Owner, string> = { bot: '机器人', queue: '排队', human: '人工' }

export const IDENTITIES: Record<Identity, string> = { anonymous: '未核身', code: '验证码核身', verified: '登录核身' }

export const NOTES: Record<NoteKind, string> = { note: '内部备注', memo: '交接说明', whisper: '班长提示', consult: '会商' }

export const REASONS: Record<string, string> = {
  customer_request: '客户要求人工',
  bot_refused: '不愿与机器人对话',
  not_understood: '多次未能理解',
  secret_shared: '发送了敏感信息',
  danger: '人身或财产紧急风险',
  bot_timeout: '机器人应答超时',
  negative_emotion: '情绪不满或投诉',
  elder: '老年客户优先',
  repeat_visit: '24 小时内多次来访',
  compensation: '涉及赔偿或价格确认',
  no_answer: '知识库没有明确答案',
  low_frequency: '低频问题',
}

export const ALARMS: Record<string, string> = {
  not_understood: '连续没听懂',
  dissatisfied: '客户不满',
  repeated: '反复追问',
  secrets: '发送敏感信息',
  failing: '机器人应答失败',
}

export const reasonName = (reason: string | null): string => (reason ? (REASONS[reason] ?? reason) : '')
export const skillName = (skill: string | null): string => (skill ? (SKILLS[skill] ?? skill) : '')

/** How a chat is called in lists: customers have no names here. */
export const customerName = (conversationId: string): string => `客户 ${conversationId.slice(-4).toUpperCase()}`

export const DISPOSITIONS = ['已解答', '已受理登记工单', '已转业务部门', '客户放弃', '无法联系', '骚扰或无效会话', '其他'] as const
export const REVEAL_REASONS = ['联系客户回访', '核对办理信息', '处理投诉工单', '风险核查'] as const
