/** One WebSocket connection: greets, keeps alive, hands frames on, and ends exactly once. */
import type { DeskState, ServerMessage } from '../core/types'

export const READY_TIMEOUT_MS = 6_000
export const PING_EVERY_MS = 25_000
export const PONG_TIMEOUT_MS = 10_000

export interface SocketEvents {
  ready(): void
  message(message: ServerMessage): void
  typing(on: boolean): void
  /** A case that this conversation may see has changed. */
  caseChanged(): void
  desk(state: DeskState): void
  /** The connection is over, whoever ended it; not called after `close()`. */
  closed(wasReady: boolean): void
}

export interface Hello {
  token: string
  last_seq: number
}

export interface OpenSocket {
  close(): void
}

type Frame =
  | { type: 'ready' }
  | { type: 'message'; message: ServerMessage }
  | { type: 'typing'; on: boolean }
  | ({ type: 'desk' } & DeskState)
  | { type: 'case' | 'pong' | 'ack' | 'error' }

/**
 * Connect to `url` and greet with what `hello` returns at that moment, so that the server sends
 * everything after `last_seq` first and then live. A connection that is not ready after 6 s, or
 * stays silent for 10 s after a ping, is given up.
 */
export function openSocket(url: string, hello: () => Hello, events: SocketEvents): OpenSocket {
  let socket: WebSocket | null = null
  let ready = false
  let over = false
  let heartbeat: ReturnType<typeof setTimeout> | undefined
  let deadline: ReturnType<typeof setTimeout> | undefined

  function finish(tell: boolean): void {
    if (over) return
    over = true
    clearTimeout(heartbeat)
    clearTimeout(deadline)
    try {
      socket?.close()
    } catch {
      // A socket that never opened may refuse to close.
    }
    if (tell) events.closed(ready)
  }

  function expectLife(milliseconds: number): void {
    clearTimeout(deadline)
    deadline = setTimeout(() => finish(true), milliseconds)
  }

  function scheduleHeartbeat(): void {
    clearTimeout(heartbeat)
    heartbeat = setTimeout(() => {
      expectLife(PONG_TIMEOUT_MS)
      socket?.send(JSON.stringify({ type: 'ping' }))
    }, PING_EVERY_MS)
  }

  function receive(frame: Frame): void {
    clearTimeout(deadline)
    if (!ready && frame.type !== 'ready') expectLife(READY_TIMEOUT_MS)
    scheduleHeartbeat()
    if (frame.type === 'ready') {
      ready = true
      events.ready()
    } else if (frame.type === 'message') {
      events.message(frame.message)
    } else if (frame.type === 'typing') {
      events.typing(frame.on)
    } else if (frame.type === 'case') {
      events.caseChanged()
    } else if (frame.type === 'desk') {
      events.desk(frame)
    }
  }

  try {
    socket = new WebSocket(url)
  } catch {
    // A content policy or a bad address throws here instead of failing later.
    queueMicrotask(() => finish(true))
    return { close: () => finish(false) }
  }
  expectLife(READY_TIMEOUT_MS)
  socket.onopen = () => socket?.send(JSON.stringify({ type: 'hello', ...hello() }))
  socket.onclose = () => finish(true)
  socket.onerror = () => finish(true)
  socket.onmessage = (event) => {
    if (over) return
    const frame = parseFrame(event.data)
    if (frame) receive(frame)
  }
  return { close: () => finish(false) }
}

function parseFrame(data: unknown): Frame | null {
  if (typeof data !== 'string') return null
  try {
    const frame = JSON.parse(data) as Frame | null
    return frame && typeof frame.type === 'string' ? frame : null
  } catch {
    return null
  }
}
