/** One customer's conversation: begins or resumes it, sends, receives, hands over, starts anew. */
import { reactive } from 'vue'

import { newClientId } from '../core/ids'
import type { Ack, ServerMessage, Verdict } from '../core/types'
import { sendable } from '../core/text'
import { ApiError, type Credentials } from '../net/api'
import { waitingTime } from '../net/backoff'
import { createStream, type Stream } from '../net/stream'
import { createIdentity } from './identity'
import { createLog } from './log'
import { createOutbox } from './outbox'
import type { Session, SessionParts, SessionState } from './sessionTypes'

const START_RETRY = { base: 4_000, limit: 30_000 }
/** Longest time the typing sign stays without another word from the server. */
const TYPING_LIMIT_MS = 12_000
/** A server that forgets conversations faster than this is broken: do not begin again and again. */
const RESTART_PAUSE_MS = 30_000

export function createSession({ api, store, options, elder, events }: SessionParts): Session {
  const log = createLog()
  const saved = store.read('conversation')
  const state = reactive<SessionState>({
    phase: 'idle',
    connection: 'connecting',
    typing: false,
    restarted: false,
    handoff: 'idle',
    handoffError: '',
    feedback: saved?.feedback ?? {},
    config: store.read('config'),
    desk: null,
    caseChanges: 0,
    verified: !!saved?.verified,
    name: '',
  })
  const tellIdentity = createIdentity(api, options, state, events)
  let who: Credentials | null = saved
  let toldElder = saved?.elder
  let stream: Stream | null = null
  let starting: Promise<void> | null = null
  let startFailures = 0
  let startTimer: ReturnType<typeof setTimeout> | undefined
  let typingTimer: ReturnType<typeof setTimeout> | undefined
  let handoffId: string | null = null
  let lastRestart = -Infinity

  const outbox = createOutbox(log, {
    post: (message) => withRights((rights) => api.send(rights, message)),
    sent: onSent,
    failed: events.failed,
    gone: () => void replaceLost(),
  })

  async function withRights<T>(action: (rights: Credentials) => Promise<T>): Promise<T> {
    await start()
    if (!who) throw new ApiError(0, 'not_started', '')
    return action(who)
  }

  function onSent(ack: Ack): void {
    if (ack.masked?.length) stream?.nudge()
    if (stream?.isLive()) return
    stream?.expectAnswer()
    const answered = log.entries.some((entry) => entry.role !== 'customer' && (entry.seq ?? 0) > ack.seq)
    if (!answered) showTyping(true)
  }

  function showTyping(on: boolean): void {
    clearTimeout(typingTimer)
    state.typing = on
    if (on) typingTimer = setTimeout(() => (state.typing = false), TYPING_LIMIT_MS)
  }

  function receive(message: ServerMessage, isNew: boolean): void {
    if (!log.receive(message) || message.role === 'customer') return
    showTyping(false)
    const entry = log.entries.find((candidate) => candidate.seq === message.seq)
    if (isNew && entry) events.arrived(entry)
  }

  function remember(): void {
    if (!who) return
    const told = toldElder === undefined ? {} : { elder: toldElder }
    const { feedback, verified } = state
    store.write('conversation', { id: who.id, token: who.token, feedback: { ...feedback }, verified, ...told })
  }

  async function loadConfig(): Promise<void> {
    try {
      state.config = await api.config()
      store.write('config', state.config)
    } catch {
      // The saved copy, or what the script tag says, stands in.
    }
  }

  function start(): Promise<void> {
    if (state.phase === 'ready') return Promise.resolve()
    starting ??= connect().finally(() => (starting = null))
    return starting
  }

  async function connect(): Promise<void> {
    state.phase = 'starting'
    clearTimeout(startTimer)
    window.removeEventListener('online', start)
    void loadConfig()
    try {
      if (who && !(await tellIdentity(who))) who = null
      if (!(who && (await resume(who)))) await begin()
    } catch {
      state.phase = 'down'
      startFailures += 1
      startTimer = setTimeout(() => void start(), waitingTime(startFailures, START_RETRY))
      window.addEventListener('online', start)
      return
    }
    startFailures = 0
    state.phase = 'ready'
    openStream()
    outbox.flush()
    void tellElder()
  }

  /** Tell of large type; what does not get there is told when the line is back. */
  async function tellElder(): Promise<void> {
    const now = elder()
    if (!who || state.phase !== 'ready' || toldElder === now) return
    try {
      await api.elder(who, now)
      toldElder = now
      remember()
    } catch {
      // The look has changed all the same.
    }
  }

  /** Fetch the history of a saved conversation; false when the server no longer knows it. */
  async function resume(credentials: Credentials): Promise<boolean> {
    try {
      const history = await api.messagesAfter(credentials, 0)
      for (const message of history) receive(message, false)
      log.settle(log.highest)
      return true
    } catch (error) {
      if (!(error instanceof ApiError && error.isGone)) throw error
      state.restarted = true
      return false
    }
  }

  async function begin(): Promise<void> {
    log.clear(true)
    state.feedback = {}
    toldElder = elder()
    state.verified = false
    const started = await api.start(toldElder, options.channel)
    who = { id: started.conversation_id, token: started.token }
    await tellIdentity(who)
    remember()
    for (const message of started.messages ?? []) receive(message, true)
    log.settle(log.highest)
  }

  async function identify(): Promise<void> {
    if (!who || state.phase !== 'ready') return
    if (await tellIdentity(who)) remember()
    else await replace(false)
  }

  function openStream(): void {
    if (!who) return
    stream?.stop()
    stream = createStream(api, who, {
      position: () => ({ cursor: log.cursor, highest: log.highest }),
      message: (message) => receive(message, true),
      settled: log.settle,
      typing: showTyping,
      caseChanged: () => (state.caseChanges += 1),
      desk: (desk) => (state.desk = desk),
      connection(connection) {
        const isBack = connection === 'online' && state.connection === 'offline'
        state.connection = connection
        if (!isBack) return
        outbox.flush()
        void tellElder()
      },
      gone: () => void replaceLost(),
    })
    stream.start()
  }

  /** Replace a conversation that the server no longer knows; unsent messages move over. */
  async function replaceLost(): Promise<void> {
    if (starting || Date.now() - lastRestart < RESTART_PAUSE_MS) return
    lastRestart = Date.now()
    state.restarted = true
    await replace(true)
  }

  async function replace(keepUnsent: boolean): Promise<void> {
    stop()
    await starting
    stop()
    who = null
    store.remove('conversation')
    log.clear(keepUnsent)
    state.phase = 'idle'
    state.connection = 'connecting'
    state.handoff = 'idle'
    state.desk = null
    handoffId = null
    await start()
  }

  async function startOver(): Promise<void> {
    state.restarted = false
    await replace(false)
  }

  function send(text: string, buttonId: string | null = null): void {
    const clean = sendable(text)
    if (!clean) return
    // What was said about the past has been read by now.
    state.restarted = false
    if (state.handoff === 'failed') state.handoff = 'idle'
    outbox.send(clean, buttonId)
  }

  async function requestHandoff(): Promise<void> {
    if (state.handoff === 'pending') return
    state.handoff = 'pending'
    handoffId ??= newClientId()
    const id = handoffId
    try {
      await withRights((rights) => api.handoff(rights, id))
      handoffId = null
      state.handoff = 'idle'
      stream?.nudge()
    } catch (error) {
      state.handoffError = error instanceof ApiError ? error.text : ''
      state.handoff = 'failed'
    }
  }

  async function rate(seq: number, value: Verdict, reason?: string): Promise<boolean> {
    if (!who) return false
    try {
      await api.feedback(who, seq, value, reason)
    } catch {
      return false
    }
    state.feedback[String(seq)] = value
    remember()
    return true
  }

  function stop(): void {
    clearTimeout(startTimer)
    window.removeEventListener('online', start)
    showTyping(false)
    stream?.stop()
    stream = null
  }

  return {
    state,
    log,
    start,
    send: (text) => send(text),
    choose: (buttonId, title) => send(title, buttonId),
    resend: outbox.resend,
    requestHandoff,
    rate,
    withRights,
    tellElder,
    identify,
    refresh: () => stream?.nudge(),
    startOver,
    stop,
  }
}
