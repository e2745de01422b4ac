/** Reading and changing a maintained list: the same for canned replies and phrase rules. */
import { ElMessage, ElMessageBox } from 'element-plus'
import { onMounted, ref, type Ref } from 'vue'

import type { Maintained } from '../api/supervisor'

type Kept = { key: string; enabled: boolean }
const KEY = /^[a-z0-9_.-]{1,40}$/

export interface Maintaining<T> {
  entries: Ref<T[] | null>
  editing: Ref<T | null>
  fresh: Ref<boolean>
  listProblem: Ref<string>
  problem: Ref<string>
  load(): Promise<void>
  edit(entry?: T): void
  /** Save what is being edited; `missing` is what keeps it from being saved. */
  save(missing: (entry: T) => string): Promise<void>
  toggle(entry: T): Promise<void>
  remove(entry: T, name: string): Promise<void>
}

export function useMaintaining<T extends Kept>(calls: Maintained<T>, blank: () => T): Maintaining<T> {
  const entries = ref(null) as Ref<T[] | null>
  const editing = ref(null) as Ref<T | null>
  const fresh = ref(false)
  const listProblem = ref('')
  const problem = ref('')

  async function load(): Promise<void> {
    try {
      entries.value = await calls.read()
      listProblem.value = ''
    } catch (error) {
      listProblem.value = (error as Error).message
    }
  }

  function edit(entry?: T): void {
    fresh.value = !entry
    editing.value = { ...(entry ?? blank()) }
    problem.value = ''
  }

  async function save(missing: (entry: T) => string): Promise<void> {
    const entry = editing.value
    if (!entry) return
    problem.value = fresh.value && !KEY.test(entry.key) ? '编号只能用小写字母、数字、点、横线，最多 40 个字符。' : missing(entry)
    if (problem.value) return
    try {
      await (fresh.value ? calls.add(entry) : calls.change(entry))
      editing.value = null
      ElMessage.success('已保存，坐席立即可用。')
      await load()
    } catch (error) {
      problem.value = (error as Error).message
    }
  }

  async function attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action()
    } catch (error) {
      ElMessage.warning((error as Error).message)
    }
    await load()
  }

  const toggle = (entry: T): Promise<void> => attempt(() => calls.change({ ...entry, enabled: !entry.enabled }))

  async function remove(entry: T, name: string): Promise<void> {
    try {
      await ElMessageBox.confirm('删除后不能恢复；只是暂时不用的，停用即可。', `删除「${name}」？`, { confirmButtonText: '删除', cancelButtonText: '取消', type: 'warning' })
    } catch {
      return
    }
    await attempt(() => calls.remove(entry.key))
  }

  onMounted(load)
  return { entries, editing, fresh, listProblem, problem, load, edit, save, toggle, remove }
}
