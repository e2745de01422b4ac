import { describe, expect, it } from 'vitest'

import { find, gapFrom, indexed } from '../../console/desk/canned'

const reply = (key: string, title: string, text: string) => ({ key, title, category: '通用', text })
const REPLIES = [
  reply('a', '稍等', '请您稍等 {分钟} 分钟，我正在核实。'),
  reply('b', '您好开场', '您好，我是工号 {工号}。'),
  reply('c', '补卡时间', '补卡一般 {天数} 个工作日。'),
]
const titles = async (typed: string): Promise<string[]> => find(await indexed(REPLIES), typed).map(({ title }) => title)

describe('canned replies', () => {
  it.each([
    ['nh', '您好开场'],
    ['NHKC', '您好开场'],
    ['bk', '补卡时间'],
    ['buka', '补卡时间'],
    ['shaodeng', '稍等'],
    ['补卡', '补卡时间'],
    ['核实', '稍等'],
  ])('are found by %s', async (typed, title) => {
    expect((await titles(typed))[0]).toBe(title)
  })

  it('are all there before anything is typed', async () => {
    expect(await titles(' ')).toEqual(['稍等', '您好开场', '补卡时间'])
    expect(await titles('zzz')).toEqual([])
  })

  it('show where the next gap is', () => {
    expect(gapFrom('等 {分钟} 分 {x}')).toEqual([2, 6])
    expect(gapFrom('等 {分钟} 分 {x}', 6)).toEqual([9, 12])
    expect(gapFrom('您的问题是：……，对吗？')).toEqual([6, 8])
    expect(gapFrom('没有 {} 空')).toBeNull()
  })
})
