/** Cases and topics to put on the fake server. */
import type { Case, Topic } from '../../widget/panels/api'

export function aCase(changes: Partial<Case> = {}): Case {
  return {
    number: 'NY261126-7KQ4MX-R',
    kind_name: '投诉',
    status: '处理中',
    status_code: 'in_progress',
    subject: '柜面排队两小时没人管',
    received: '2026-11-25 09:12',
    deadline: '2026-12-10 前给您答复',
    next: '经办部门正在核实情况',
    timeline: [
      { at: '2026-11-25 09:12', text: '已收到您的投诉' },
      { at: '2026-11-25 10:30', text: '已转经办部门' },
    ],
    files: [],
    can: { remark: true, upload: true, urge: true, withdraw: true, recheck: false },
    ...changes,
  }
}

export function aTopic(changes: Partial<Topic> = {}): Topic {
  const answer = (aspect: string, title: string, text: string) => ({
    aspect,
    title,
    question: `挂失与解挂${title}`,
    blocks: [
      { type: 'text' as const, text },
      { type: 'citation' as const, source: '《2025年银行客户服务规范》', clause: '2.1' },
      { type: 'citation' as const, source: '《2025年银行客户服务规范》', clause: '2.2' },
    ],
  })
  return {
    topic: 'card.loss',
    title: '挂失与解挂',
    answers: [answer('overview', '简介', '挂失就是先停住。'), answer('how', '办理步骤', '先打电话。')],
    related: [{ topic: 'card.replace', title: '补卡与换卡' }],
    ...changes,
  }
}
