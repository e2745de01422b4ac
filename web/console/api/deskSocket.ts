/** The desk's WebSocket: stays up as long as somebody is signed in, reconnects, and beats for the agent. */
import { waitingTime } from '../../widget/net/backoff'
import { SOCKET_PATH } from './desk'
import type { DeskFrame } from './deskTypes'

/** The server takes an agent for gone after 30 s without a ping. */
export const PING_EVERY_MS = 10_000
export const SILENCE_LIMIT_MS = 25_000
const BACKOFF = { base: 500, limit: 10_000 }
/** Nobody is signed in any more, or nobody may be here: trying again changes nothing. */
const OVER = [4401, 4403]

export interface SocketEvents {
  /** What the page has already, by conversation: the server sends the rest. */
  seen(): Record<string, number>
  frame(frame: DeskFrame): void
  /** The connection is lost; another attempt follows. */
  lost(): void
  /** The server closed it for good. */
  ended(): void
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
  let heardAt = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  const stopTicking = everyTenSeconds(tick)

  function tick(): void {
    if (socket === null) return
    if (Date.now() - heardAt > SILENCE_LIMIT_MS) drop(socket)
    else send({ type: 'ping' })
  }

  function drop(which: WebSocket): void {
    if (which !== socket || over) return
    const wasReady = ready
    release()
    if (wasReady) events.lost()
    attempts += 1
    retry = setTimeout(connect, waitingTime(attempts, BACKOFF))
  }

  function release(): void {
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

  function connect(): void {
    if (over) return
    clearTimeout(retry)
    const fresh = new WebSocket(address)
    socket = fresh
    heardAt = Date.now()
    fresh.onopen = () => fresh.send(JSON.stringify({ type: 'hello', seen: events.seen() }))
    fresh.onclose = (event) => {
      if (fresh === socket && OVER.includes(event.code)) {
        close()
        events.ended()
      } else {
        drop(fresh)
      }
    }
    fresh.onerror = () => drop(fresh)
    fresh.onmessage = (event) => {
      if (fresh !== socket) return
      heardAt = Date.now()
      const frame = parsed(event.data)
      if (frame?.type === 'ready') {
        ready = true
        attempts = 0
      }
      if (frame && frame.type !== 'pong') events.frame(frame)
    }
  }

  function send(frame: Record<string, unknown>): boolean {
    if (!ready || socket?.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(frame))
    return true
  }

  function close(): void {
    over = true
    stopTicking()
    release()
  }

  connect()
  return {
    send,
    close,
    wake() {
      if (over || ready) return
      release()
      attempts = 0
      connect()
    },
  }
}

function everyTenSeconds(tick: () => void): () => void {
  if (typeof Worker === 'undefined') {
    const timer = setInterval(tick, PING_EVERY_MS)
    return () => clearInterval(timer)
  }
  const worker = new Worker(new URL('./ticking.worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = tick
  return () => worker.terminate()
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
