/** The agent's WebSocket: stays up as long as somebody is signed in, reconnects, and says when it is live again. */
import { waitingTime } from '../../widget/net/backoff'
import { SOCKET_PATH } from './desk'
import type { DeskFrame } from './deskTypes'

export const PING_EVERY_MS = 10_000
export const SILENCE_LIMIT_MS = 25_000
const BACKOFF = { base: 500, limit: 10_000 }

export interface SocketEvents {
  /** The connection is live: catch up with what was missed. */
  live(): void
  /** The connection is lost; another attempt follows. */
  lost(): void
  frame(frame: DeskFrame): void
}

export interface DeskSocket {
  send(frame: Record<string, unknown>): boolean
  /** Try again at once, for example because the network is back. */
  wake(): void
  close(): void
}

/** Connect and keep connected until `close`. A server that is silent for too long counts as lost. */
export function openDeskSocket(events: SocketEvents, address = socketAddress()): DeskSocket {
  let socket: WebSocket | null = null
  let over = false
  let ready = false
  let attempts = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let ping: ReturnType<typeof setInterval> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined

  function heard(): void {
    clearTimeout(silence)
    silence = setTimeout(() => drop(socket), SILENCE_LIMIT_MS)
  }

  function drop(which: WebSocket | null): void {
    if (which !== socket || over) return
    const wasReady = ready
    release()
    if (wasReady) events.lost()
    attempts += 1
    retry = setTimeout(connect, waitingTime(attempts, BACKOFF))
  }

  function release(): void {
    clearInterval(ping)
    clearTimeout(silence)
    clearTimeout(retry)
    const old = socket
    socket = null
    ready = false
    try {
      old?.close()
    } catch {
      // One that never opened may refuse to close.
    }
  }

  function receive(frame: DeskFrame): void {
    if (frame.type === 'ready') {
      ready = true
      attempts = 0
      events.live()
    } else if (frame.type === 'ping') {
      // Timers of a hidden page are slowed down, answers are not: this keeps the agent at the desk.
      send({ type: 'pong' })
    } else if (frame.type !== 'pong') {
      events.frame(frame)
    }
  }

  function connect(): void {
    if (over) return
    clearTimeout(retry)
    const fresh = new WebSocket(address)
    socket = fresh
    heard()
    ping = setInterval(() => send({ type: 'ping' }), PING_EVERY_MS)
    fresh.onclose = () => drop(fresh)
    fresh.onerror = () => drop(fresh)
    fresh.onmessage = (event) => {
      if (fresh !== socket) return
      heard()
      const frame = parsed(event.data)
      if (frame) receive(frame)
    }
  }

  function send(frame: Record<string, unknown>): boolean {
    if (!ready || socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(frame))
    return true
  }

  connect()
  return {
    send,
    wake() {
      if (over || ready) return
      release()
      attempts = 0
      connect()
    },
    close() {
      over = true
      release()
    },
  }
}

function socketAddress(): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${SOCKET_PATH}`
}

function parsed(data: unknown): DeskFrame | null {
  if (typeof data !== 'string') return null
  try {
    const frame = JSON.parse(data) as DeskFrame | null
    return frame && typeof frame.type === 'string' ? frame : null
  } catch {
    return null
  }
}
