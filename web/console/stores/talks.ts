/** The chats that are open here: their messages in order and without gaps, notes, and what is still being sent. */
import { defineStore } from 'pinia'
import { reactive } from 'vue'

import { newClientId } from '../../widget/core/ids'
import * as api from '../api/desk'
import { ApiError } from '../api/client'
import type { AgentMessage, Dossier, Note, Outgoing } from '../api/deskTypes'
import { useDrafts } from './drafts'

export interface Sending {
  outgoing: Outgoing
  /** The server's words when it refused; null while it is under way. */
  problem: string | null
  /** Refused for good: sending it again changes nothing. */
  final: boolean
}

export interface Talk {
  id: string
  dossier: Dossier | null
  messages: AgentMessage[]
  notes: Note[]
  sending: Sending[]
  typing: boolean
  loading: boolean
  problem: string
}

const PAGE = 200
const TYPING_FADES_MS = 6_000
/** Notices come in groups; the dossier is read once after them. */
export const REREAD_MS = 300
/** Not signed in, too slow, too often: the same message may be accepted later. */
const LATER = [401, 408, 429]

export const useTalks = defineStore('talks', () => {
  const talks = reactive(new Map<string, Talk>())
  const catching = new Map<string, Promise<void>>()
  const pumping = new Set<string>()
  const fading = new Map<string, ReturnType<typeof setTimeout>>()
  const rereading = new Map<string, ReturnType<typeof setTimeout>>()
  const drafts = useDrafts()

  /** The talk, made on first use; what was sent before a reload and not confirmed is sent again. */
  function open(id: string): Talk {
    const known = talks.get(id)
    if (known) return known
    talks.set(id, {
      id,
      dossier: null,
      messages: [],
      notes: [],
      sending: drafts.of(id).outbox.map((outgoing) => ({ outgoing, problem: null, final: false })),
      typing: false,
      loading: false,
      problem: '',
    })
    const talk = talks.get(id) as Talk
    void pump(talk)
    return talk
  }

  const lastSeq = (id: string): number => {
    const messages = talks.get(id)?.messages ?? []
    return messages[messages.length - 1]?.seq ?? 0
  }

  /** What is here already, by conversation. */
  const seen = (): Record<string, number> => Object.fromEntries([...talks.keys()].map((id) => [id, lastSeq(id)]))

  /** Read the dossier and all messages not yet here. */
  async function load(id: string): Promise<void> {
    const talk = open(id)
    clearTimeout(rereading.get(id))
    rereading.delete(id)
    talk.loading = talk.dossier === null
    try {
      const [dossier] = await Promise.all([api.readDossier(id), catchUp(id)])
      talk.dossier = dossier
      talk.notes = merged(dossier.notes, talk.notes)
      talk.problem = ''
    } catch (error) {
      talk.problem = (error as Error).message
    } finally {
      talk.loading = false
    }
  }

  /** Something changed that the dossier shows: read it soon, if it was read at all. */
  function reload(id: string): void {
    if (!talks.get(id)?.dossier || rereading.has(id)) return
    rereading.set(id, setTimeout(() => void load(id), REREAD_MS))
  }

  /** Read the log from the last message that is here; one reader a talk at a time. */
  function catchUp(id: string): Promise<void> {
    const running = catching.get(id)
    if (running) return running
    const reading = (async () => {
      for (;;) {
        const page = await api.readMessages(id, lastSeq(id), PAGE)
        for (const message of page.messages) append(open(id), message)
        if (page.messages.length === 0 || lastSeq(id) >= page.last_seq) return
      }
    })().finally(() => catching.delete(id))
    catching.set(id, reading)
    return reading
  }

  /** A message came in: the next in order is appended, an old one ignored, a gap first read from the log. */
  async function receive(id: string, message: AgentMessage): Promise<void> {
    const talk = open(id)
    if (message.role === 'customer') showTyping(id, false)
    if (message.seq > lastSeq(id) + 1) await catchUp(id)
    append(talk, message)
    if (message.role === 'system') reload(id)
  }

  function append(talk: Talk, message: AgentMessage): void {
    if (message.seq > lastSeq(talk.id)) talk.messages.push(message)
  }

  function receiveNote(id: string, note: Note): void {
    const talk = open(id)
    talk.notes = merged(talk.notes, [note])
  }

  function showTyping(id: string, on: boolean): void {
    clearTimeout(fading.get(id))
    open(id).typing = on
    if (on) fading.set(id, setTimeout(() => (open(id).typing = false), TYPING_FADES_MS))
  }

  /** Send; the message shows at once and stays until the server has it, also over a reload. */
  async function say(id: string, content: Omit<Outgoing, 'client_id'>): Promise<void> {
    const talk = open(id)
    talk.sending.push({ outgoing: { ...content, client_id: newClientId() }, problem: null, final: false })
    keepOutbox(talk)
    await pump(talk)
  }

  /** Send what waits, one after the other; what comes after a message that failed waits for it. */
  async function pump(talk: Talk): Promise<void> {
    if (pumping.has(talk.id)) return
    pumping.add(talk.id)
    try {
      for (;;) {
        const next = talk.sending.find(({ final }) => !final)
        if (!next || next.problem !== null) return
        await deliver(talk, next)
      }
    } finally {
      pumping.delete(talk.id)
    }
  }

  async function deliver(talk: Talk, sending: Sending): Promise<void> {
    try {
      const { seq } = await api.say(talk.id, sending.outgoing)
      // The receipt may be faster than the message itself: show no gap between the two.
      if (lastSeq(talk.id) < seq) await catchUp(talk.id).catch(() => undefined)
      settle(talk, sending.outgoing.client_id)
    } catch (error) {
      sending.problem = (error as Error).message
      sending.final = error instanceof ApiError && error.status >= 400 && error.status < 500 && !LATER.includes(error.status)
    }
  }

  function settle(talk: Talk, clientId: string): void {
    talk.sending = talk.sending.filter(({ outgoing }) => outgoing.client_id !== clientId)
    keepOutbox(talk)
  }

  /** Take back a message that was not sent; its words become the draft again. */
  function discard(id: string, clientId: string): void {
    const talk = open(id)
    const text = talk.sending.find(({ outgoing }) => outgoing.client_id === clientId)?.outgoing.text
    if (text && !drafts.of(id).reply) drafts.change(id, { reply: text })
    settle(talk, clientId)
    void pump(talk)
  }

  function keepOutbox(talk: Talk): void {
    drafts.change(talk.id, { outbox: talk.sending.map(({ outgoing }) => ({ ...outgoing })) })
  }

  /** The chat is no longer this agent's: words that never arrived become a draft again. */
  function leave(id: string): void {
    const lost = talks.get(id)?.sending.map(({ outgoing }) => outgoing.text ?? '').filter(Boolean) ?? []
    if (lost.length) drafts.change(id, { reply: [...lost, drafts.of(id).reply].filter(Boolean).join('\n'), outbox: [] })
    forget(id)
  }

  /** The connection is back: send what failed on the way, and read what the dossiers say now. */
  async function resume(): Promise<void> {
    await Promise.allSettled(
      [...talks.values()].map(async (talk) => {
        await retry(talk.id)
        if (talk.dossier) await load(talk.id)
      }),
    )
  }

  /** Try again to send what failed on the way. */
  async function retry(id: string): Promise<void> {
    const talk = open(id)
    for (const waiting of talk.sending) if (!waiting.final) waiting.problem = null
    await pump(talk)
  }

  function forget(id?: string): void {
    for (const gone of id === undefined ? [...talks.keys()] : [id]) {
      clearTimeout(fading.get(gone))
      clearTimeout(rereading.get(gone))
      rereading.delete(gone)
      talks.delete(gone)
    }
  }

  return { talks, open, load, reload, catchUp, receive, receiveNote, showTyping, say, retry, discard, resume, leave, forget, lastSeq, seen }
})

function merged(some: Note[], more: Note[]): Note[] {
  const all = new Map([...some, ...more].map((note) => [note.id, note]))
  return [...all.values()].sort((a, b) => a.at.localeCompare(b.at) || a.id.localeCompare(b.id))
}
