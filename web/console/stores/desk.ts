/** The desk of whoever is signed in: own status and chats, the queue, which chat is open, the live connection. */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef } from 'vue'

import * as api from '../api/desk'
import { openDeskSocket, type DeskSocket } from '../api/deskSocket'
import type { Agent, AgentStatus, Chat, DeskFrame, MyDesk, QueueView } from '../api/deskTypes'
import { useDrafts } from './drafts'
import { useTalks } from './talks'

export type Line = 'connecting' | 'live' | 'lost' | 'ended'
/** Figures of the queue come in bursts; the queue itself is read at most this often. */
export const REREAD_MS = 400
const GRACE_MS = 2_000

export const useDesk = defineStore('desk', () => {
  const mine = shallowRef<MyDesk | null>(null)
  const agent = shallowRef<Agent | null>(null)
  const chats = shallowRef<Chat[] | null>(null)
  const queue = shallowRef<QueueView | null>(null)
  const at = reactive({ chats: 0, queue: 0 })
  const left = ref(0)
  const alarms = ref(0)
  const line = ref<Line>('connecting')
  const problem = ref('')
  const openId = ref<string | null>(null)
  const watched = ref<string | null>(null)
  /** The last message of each chat that this person has had before the eyes. */
  const readTo = reactive(new Map<string, number>())
  const talks = useTalks()
  const drafts = useDrafts()
  const leftChats = shallowRef<Chat[]>([])
  /** Chats that were just taken: a list that was under way may not know them yet. */
  const taken = new Map<string, number>()
  let socket: DeskSocket | null = null
  let me = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  let grace: ReturnType<typeof setTimeout> | undefined

  const all = computed(() => chats.value ?? [])
  const rings = computed(() => all.value.filter((chat) => chat.state === 'ringing'))
  /** Chats that another agent wants to hand over to me. */
  const offers = computed(() => all.value.filter((chat) => chat.state === 'human' && chat.target_agent === me && chat.agent !== me))
  const held = computed(() => all.value.filter((chat) => !rings.value.includes(chat) && !offers.value.includes(chat)))
  const chat = computed(() => {
    const known = [...all.value, ...(queue.value?.waiting ?? []), ...leftChats.value]
    return known.find(({ conversation_id }) => conversation_id === openId.value) ?? null
  })
  const unread = computed(() => held.value.reduce((sum, each) => sum + unreadOf(each), 0))

  function unreadOf(each: Chat): number {
    if (each.state !== 'human') return 0
    const read = readTo.get(each.conversation_id)
    const messages = talks.talks.get(each.conversation_id)?.messages
    if (read === undefined || !messages) return each.unanswered
    return messages.filter(({ role, seq }) => role === 'customer' && seq > read).length
  }

  /** Sit down: read the desk and stay connected. */
  function start(staffNo: string): void {
    if (socket) return
    me = staffNo
    drafts.open(staffNo)
    line.value = 'connecting'
    socket = openDeskSocket({
      seen: talks.seen,
      frame,
      lost: () => (line.value = 'lost'),
      ended: () => (line.value = 'ended'),
    })
  }

  function stop(): void {
    socket?.close()
    socket = null
    clearTimeout(timer)
    clearTimeout(grace)
    timer = undefined
    mine.value = agent.value = chats.value = queue.value = openId.value = watched.value = null
    leftChats.value = []
    readTo.clear()
    talks.forget()
  }

  function frame(event: DeskFrame): void {
    if (event.type === 'ready') ready(event.agent, event.chats)
    else if (event.type === 'chats') take(event.chats)
    else if (event.type === 'agent') agent.value = event.agent
    else if (event.type === 'alarm') alarms.value = event.alarms
    else if (event.type === 'queue') {
      left.value = event.left
      rereadQueue()
    } else if (event.type === 'note') talks.receiveNote(event.conversation_id, event.note)
    else if (event.type === 'typing') talks.showTyping(event.conversation_id, event.on)
    else if (event.type === 'message') void heard(event.conversation_id, event.message)
  }

  function ready(own: Agent | null, fresh: Chat[]): void {
    line.value = 'live'
    agent.value = own
    take(fresh)
    if (watched.value) listen(watched.value)
    void talks.resume()
    void refresh()
  }

  async function heard(id: string, message: Parameters<typeof talks.receive>[1]): Promise<void> {
    await talks.receive(id, message)
    if (id === openId.value) seen(id)
  }

  /** Read what frames do not bring: the choices of this desk and the queue. */
  async function refresh(): Promise<void> {
    try {
      if (agent.value && !mine.value) mine.value = await api.readMe()
      await readQueue()
      problem.value = ''
    } catch (error) {
      problem.value = (error as Error).message
    }
  }

  function rereadQueue(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void refresh()
    }, REREAD_MS)
  }

  async function readQueue(): Promise<void> {
    queue.value = await api.readQueue()
    at.queue = Date.now()
    if (left.value > 0 || leftChats.value.length) leftChats.value = await api.readChats('left')
  }

  function take(fresh: Chat[]): void {
    const before = new Set(held.value.map(({ conversation_id }) => conversation_id))
    const shown = chat.value
    const missing = all.value.filter(({ conversation_id: id }) => Date.now() - (taken.get(id) ?? 0) < GRACE_MS && !fresh.some((each) => each.conversation_id === id))
    chats.value = [...fresh, ...missing]
    clearTimeout(grace)
    // No further list may come: then this one holds once the grace is over.
    if (missing.length) grace = setTimeout(() => take(fresh), GRACE_MS)
    at.chats = Date.now()
    for (const { conversation_id } of held.value) before.delete(conversation_id)
    for (const gone of before) release(gone)
    if (shown && chat.value && changed(shown, chat.value)) talks.reload(shown.conversation_id)
  }

  function release(id: string): void {
    readTo.delete(id)
    if (id === watched.value) return
    if (openId.value === id) openId.value = null
    talks.leave(id)
  }

  function listen(id: string): void {
    socket?.send({ type: 'watch', conversation_id: id, last_seq: talks.lastSeq(id) })
  }

  async function open(id: string): Promise<void> {
    openId.value = id
    await talks.load(id)
    seen(id)
  }

  /** Read somebody else's chat along. */
  async function watch(id: string): Promise<void> {
    unwatch()
    watched.value = id
    await talks.load(id)
    listen(id)
  }

  function unwatch(): void {
    const id = watched.value
    if (id === null) return
    watched.value = null
    socket?.send({ type: 'unwatch', conversation_id: id })
    if (!held.value.some(({ conversation_id }) => conversation_id === id)) talks.forget(id)
  }

  /** What the open chat shows has been read, if somebody is looking. */
  function seen(id: string): void {
    if (!document.hidden && id === openId.value) readTo.set(id, talks.lastSeq(id))
  }

  async function setStatus(status: AgentStatus, reason: string | null = null): Promise<void> {
    agent.value = await api.setStatus(status, reason)
  }

  /** A call that brings a chat to this desk: show it at once, the frame with the new list follows. */
  async function bring(call: () => Promise<Chat>): Promise<void> {
    // Who is offline has no desk: the chat would go back to the queue at once.
    if (agent.value?.status === 'offline') await setStatus('busy')
    const chat = await call()
    taken.set(chat.conversation_id, Date.now())
    take([...all.value.filter(({ conversation_id }) => conversation_id !== chat.conversation_id), chat])
    rereadQueue()
    await open(chat.conversation_id)
  }

  const claimNext = (): Promise<void> => bring(api.claimNext)
  const claim = (id: string): Promise<void> => bring(() => api.claim(id))
  const acceptOffer = (id: string): Promise<void> => bring(() => api.acceptTransfer(id))
  const takeUp = (id: string): Promise<void> => bring(() => api.replyLeft(id))
  const takeOver = (id: string, memo: string): Promise<void> => bring(() => api.takeOver(id, memo))

  async function refuse(id: string): Promise<void> {
    await (offers.value.some(({ conversation_id }) => conversation_id === id) ? api.declineTransfer(id) : api.decline(id))
    take(all.value.filter(({ conversation_id }) => conversation_id !== id))
  }

  /** Go `step` chats up or down in the list of own chats. */
  function move(step: number): void {
    const ids = held.value.map(({ conversation_id }) => conversation_id)
    const from = ids.indexOf(openId.value ?? '')
    const next = from < 0 ? ids[step > 0 ? 0 : ids.length - 1] : ids[(from + step + ids.length) % ids.length]
    if (next) void open(next)
  }

  const typing = (id: string, on: boolean): boolean => socket?.send({ type: 'typing', conversation_id: id, on }) ?? false
  const wake = (): void => socket?.wake()

  return {
    mine, agent, chats, queue, at, left, leftChats, alarms, line, problem, openId, watched, rings, offers, held, chat, unread,
    unreadOf, start, stop, refresh, rereadQueue, open, watch, unwatch, seen, setStatus, claimNext, claim, acceptOffer, takeUp, takeOver, refuse, move, typing, wake,
  }
})

const changed = (a: Chat, b: Chat): boolean =>
  a.state !== b.state || a.agent !== b.agent || a.asks_consent !== b.asks_consent || a.target_agent !== b.target_agent
