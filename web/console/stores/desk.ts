/** The agent's desk: status, own chats, the queue, which chat is open, and the live connection. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import * as api from '../api/desk'
import type { AgentStatus, ChatRow, DeskFrame, DeskView } from '../api/deskTypes'
import { openDeskSocket, type DeskSocket } from '../api/deskSocket'
import { useDrafts } from './drafts'
import { useTalks } from './talks'

export type Line = 'connecting' | 'live' | 'lost'
/** Hints come in bursts; the view is read at most this often. */
export const REREAD_MS = 400
/** Without any hint the view is read again after this time, so that a lost hint only delays. */
export const REREAD_ANYWAY_MS = 15_000

export const useDesk = defineStore('desk', () => {
  const view = shallowRef<DeskView | null>(null)
  const readAt = ref(0)
  const line = ref<Line>('connecting')
  const problem = ref('')
  const openId = ref<string | null>(null)
  const watched = ref<string | null>(null)
  const talks = useTalks()
  const drafts = useDrafts()
  let socket: DeskSocket | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let idle: ReturnType<typeof setInterval> | undefined
  let reading = false
  let again = false
  let hasDesk = false

  const chats = computed<ChatRow[]>(() => view.value?.chats ?? [])
  const queue = computed<ChatRow[]>(() => view.value?.queue ?? [])
  const rings = computed(() => chats.value.filter((row) => row.state === 'ringing'))
  const mine = computed(() => chats.value.filter((row) => row.state !== 'ringing'))
  const row = computed(() => [...chats.value, ...queue.value].find(({ conversation_id }) => conversation_id === openId.value) ?? null)
  const unread = computed(() => chats.value.reduce((sum, each) => sum + (each.conversation_id === openId.value ? 0 : each.unread), 0))

  /** Sit down: read the desk and stay connected. Who only looks on (`sits` false) has no desk to read. */
  function start(staffNo: string, sits: boolean): void {
    if (socket) return
    hasDesk = sits
    drafts.open(staffNo)
    line.value = 'connecting'
    socket = openDeskSocket({
      live() {
        line.value = 'live'
        for (const id of listening()) listen(id)
        void read()
        void talks.resume()
      },
      lost: () => (line.value = 'lost'),
      frame,
    })
    idle = setInterval(() => void read(), REREAD_ANYWAY_MS)
    void read()
  }

  function stop(): void {
    socket?.close()
    socket = null
    clearTimeout(timer)
    timer = undefined
    clearInterval(idle)
    view.value = null
    openId.value = watched.value = null
    talks.forget()
  }

  function frame(event: DeskFrame): void {
    if (event.type === 'message') {
      void talks.receive(event.conversation_id, event.message)
      reread()
    } else if (event.type === 'note') {
      talks.receiveNote(event.conversation_id, event.note)
    } else if (event.type === 'typing') {
      talks.showTyping(event.conversation_id, event.on)
    } else if (event.type === 'desk') {
      if (event.conversation_id && event.conversation_id === openId.value) void talks.load(event.conversation_id)
      reread()
    }
  }

  function reread(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void read()
    }, REREAD_MS)
  }

  /** Read the desk; a wish to read during a reading is granted after it, once. */
  async function read(): Promise<void> {
    if (!hasDesk || !socket) return
    if (reading) {
      again = true
      return
    }
    reading = true
    try {
      take(await api.readDesk())
      problem.value = ''
    } catch (error) {
      problem.value = (error as Error).message
    } finally {
      reading = false
      if (again) {
        again = false
        reread()
      }
    }
  }

  function take(fresh: DeskView): void {
    const before = new Set(mine.value.map(({ conversation_id }) => conversation_id))
    view.value = fresh
    readAt.value = Date.now()
    for (const { conversation_id } of mine.value) {
      if (!before.has(conversation_id)) listen(conversation_id)
      before.delete(conversation_id)
    }
    for (const gone of before) left(gone)
  }

  function left(id: string): void {
    socket?.send({ type: 'unwatch', conversation_id: id })
    if (openId.value === id) openId.value = null
    talks.leave(id)
  }

  const listening = (): string[] => [
    ...new Set([...mine.value.map(({ conversation_id }) => conversation_id), ...(watched.value ? [watched.value] : [])]),
  ]

  function listen(id: string): void {
    socket?.send({ type: 'watch', conversation_id: id, last_seq: talks.lastSeq(talks.open(id)) })
  }

  async function open(id: string): Promise<void> {
    openId.value = id
    await talks.load(id)
    await seen(id)
  }

  /** Watch somebody else's chat, as a supervisor. */
  async function watch(id: string): Promise<void> {
    unwatch()
    watched.value = id
    listen(id)
    await open(id)
  }

  function unwatch(): void {
    const id = watched.value
    if (id === null) return
    watched.value = null
    if (mine.value.some(({ conversation_id }) => conversation_id === id)) return
    socket?.send({ type: 'unwatch', conversation_id: id })
    talks.forget(id)
    if (openId.value === id) openId.value = null
  }

  /** Tell the server up to where the open chat was read. */
  async function seen(id: string): Promise<void> {
    const shown = row.value
    if (!shown || shown.conversation_id !== id || shown.unread === 0 || document.hidden) return
    await api.markRead(id, talks.lastSeq(talks.open(id))).catch(() => undefined)
    reread()
  }

  async function setStatus(status: AgentStatus, reason: string | null = null): Promise<void> {
    await api.setStatus(status, reason)
    await read()
  }

  async function claimNext(): Promise<void> {
    const { conversation_id } = await api.claimNext()
    await read()
    await open(conversation_id)
  }

  async function claim(id: string): Promise<void> {
    await api.claim(id)
    await read()
    await open(id)
  }

  async function decline(id: string): Promise<void> {
    await api.decline(id)
    await read()
  }

  /** Go `step` chats up or down in the list of own chats. */
  function move(step: number): void {
    const ids = mine.value.map(({ conversation_id }) => conversation_id)
    if (ids.length === 0) return
    const at = ids.indexOf(openId.value ?? '')
    const next = ids[(at + step + ids.length) % ids.length] ?? ids[0]
    if (next) void open(next)
  }

  const typing = (id: string, on: boolean): boolean => socket?.send({ type: 'typing', conversation_id: id, on }) ?? false
  const wake = (): void => socket?.wake()

  return {
    view, readAt, line, problem, openId, watched, chats, queue, rings, mine, row, unread,
    start, stop, read, open, watch, unwatch, seen, setStatus, claimNext, claim, decline, move, typing, wake,
  }
})
