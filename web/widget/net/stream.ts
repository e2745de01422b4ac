/**
 * Keeps the conversation flowing towards the customer: a WebSocket while it lives, the REST
 * interface while it does not (a proxy that blocks WebSockets, a broken line), and back again.
 *
 * Nothing is lost: every connection resumes from the last number received without a gap, and a gap
 * is filled over REST. Nothing doubles: the log drops what it already holds.
 */
import type { DeskState, ServerMessage } from '../core/types'
import { ApiError, type Api, type Credentials } from './api'
import { waitingTime } from './backoff'
import { openSocket, type OpenSocket } from './socket'

export type Connection = 'connecting' | 'online' | 'offline'

export interface StreamEvents {
  /** `cursor`: received without a gap up to here; `highest`: the highest number received. */
  position(): { cursor: number; highest: number }
  message(message: ServerMessage): void
  /** The server has nothing up to this number that was not received. */
  settled(seq: number): void
  typing(on: boolean): void
  caseChanged(): void
  /** Null while nothing pushes it. */
  desk(state: DeskState | null): void
  connection(state: Connection): void
  /** The server no longer knows the conversation. */
  gone(): void
}

export interface Stream {
  start(): void
  stop(): void
  /** Fetch now, and try the WebSocket at once if it is down. */
  nudge(): void
  /** The customer is waiting for an answer: poll quickly for a while. */
  expectAnswer(): void
  /** Whether the WebSocket is up, and with it the server's own typing sign. */
  isLive(): boolean
}

const RECONNECT = { base: 800, limit: 30_000 }
const POLL_RETRY = { base: 1_500, limit: 20_000 }
/** How long a new connection may take before polling begins beside it. */
const PATIENCE_MS = 2_500
const POLL_BUSY_MS = 1_500
const POLL_IDLE_MS = 8_000
const BUSY_FOR_MS = 45_000

export function createStream(api: Api, who: Credentials, events: StreamEvents): Stream {
  let running = false
  let socket: OpenSocket | null = null
  let live = false
  let failures = 0
  let pollFailures = 0
  let fetching = false
  let busyUntil = 0
  let reconnectTimer: ReturnType<typeof setTimeout> | undefined
  let pollTimer: ReturnType<typeof setTimeout> | undefined

  function connect(): void {
    if (!running || socket) return
    clearTimeout(reconnectTimer)
    socket = openSocket(
      api.socketUrl(who),
      () => ({ token: who.token, last_seq: events.position().cursor }),
      {
        ready: onReady,
        message: onMessage,
        typing: events.typing,
        caseChanged: events.caseChanged,
        desk: events.desk,
        closed: onClosed,
      },
    )
    schedulePoll(PATIENCE_MS)
  }

  function onReady(): void {
    live = true
    failures = 0
    pollFailures = 0
    clearTimeout(pollTimer)
    events.connection('online')
  }

  function onMessage(message: ServerMessage): void {
    events.message(message)
    if (hasGap()) void fillGap()
  }

  function onClosed(): void {
    socket = null
    live = false
    failures += 1
    events.typing(false)
    events.desk(null)
    if (!running) return
    reconnectTimer = setTimeout(connect, waitingTime(failures, RECONNECT))
    void poll()
  }

  function hasGap(): boolean {
    const { cursor, highest } = events.position()
    return highest > cursor
  }

  async function fillGap(): Promise<void> {
    if (fetching || !(await fetchRest())) return
    if (hasGap()) schedulePoll(POLL_BUSY_MS)
  }

  /** Fetch everything after the cursor; true when the server answered. */
  async function fetchRest(): Promise<boolean> {
    fetching = true
    try {
      const messages = await api.messagesAfter(who, events.position().cursor)
      if (!running) return false
      messages.forEach(events.message)
      const last = messages[messages.length - 1]
      if (last) events.settled(last.seq)
      pollFailures = 0
      events.connection('online')
      return true
    } catch (error) {
      if (running) onFetchFailed(error)
      return false
    } finally {
      fetching = false
    }
  }

  function onFetchFailed(error: unknown): void {
    if (error instanceof ApiError && error.isGone) {
      stop()
      events.gone()
      return
    }
    pollFailures += 1
    if (live) reconnect()
    else if (!(error instanceof ApiError) || error.isTemporary) events.connection('offline')
  }

  async function poll(): Promise<void> {
    if (!running || fetching || (live && !hasGap())) return
    clearTimeout(pollTimer)
    await fetchRest()
    if (!live) schedulePoll(pollFailures > 0 ? waitingTime(pollFailures, POLL_RETRY) : pollPause())
  }

  function pollPause(): number {
    const pause = Date.now() < busyUntil ? POLL_BUSY_MS : POLL_IDLE_MS
    return document.visibilityState === 'hidden' ? pause * 3 : pause
  }

  function schedulePoll(pause: number): void {
    clearTimeout(pollTimer)
    if (running) pollTimer = setTimeout(() => void poll(), pause)
  }

  /** Give the present connection up and build a new one: it may be dead without knowing it. */
  function reconnect(): void {
    socket?.close()
    socket = null
    live = false
    failures = 0
    connect()
    void poll()
  }

  function nudge(): void {
    if (!running) return
    if (live) void fetchRest()
    else reconnect()
  }

  function onOffline(): void {
    events.connection('offline')
  }

  function onVisible(): void {
    if (running && !live && document.visibilityState === 'visible') reconnect()
  }

  function start(): void {
    if (running) return
    running = true
    window.addEventListener('online', reconnect)
    window.addEventListener('offline', onOffline)
    document.addEventListener('visibilitychange', onVisible)
    connect()
  }

  function stop(): void {
    running = false
    live = false
    clearTimeout(reconnectTimer)
    clearTimeout(pollTimer)
    socket?.close()
    socket = null
    window.removeEventListener('online', reconnect)
    window.removeEventListener('offline', onOffline)
    document.removeEventListener('visibilitychange', onVisible)
  }

  function expectAnswer(): void {
    busyUntil = Date.now() + BUSY_FOR_MS
    if (!live && !fetching) schedulePoll(POLL_BUSY_MS)
  }

  return { start, stop, nudge, expectAnswer, isLive: () => live }
}
