/**
 * Sends own messages, one after the other, so that they arrive in the order they were written.
 *
 * A retry carries the same client id, so the server counts the message once. A message that failed
 * for want of a connection goes out by itself when the line is back; after five minutes the
 * customer decides, because an old question may have lost its sense.
 */
import type { Ack, Entry } from '../core/types'
import { ApiError, type OutgoingMessage } from '../net/api'
import { waitingTime } from '../net/backoff'
import type { MessageLog } from './log'

export const RESEND_FOR_MS = 5 * 60_000
const ATTEMPTS = 3
const RETRY = { base: 1_000, limit: 4_000 }

export interface OutboxEvents {
  post(message: OutgoingMessage): Promise<Ack>
  sent(ack: Ack): void
  failed(error: ApiError): void
  gone(): void
}

export interface Outbox {
  send(text: string, buttonId?: string | null): void
  resend(key: string): void
  /** The line is back: send again what failed for want of it. */
  flush(): void
}

export function createOutbox(log: MessageLog, events: OutboxEvents, clock: () => number = Date.now): Outbox {
  const waiting: string[] = []
  const retryable = new Set<string>()
  let working = false

  function enqueue(key: string): void {
    if (!waiting.includes(key)) waiting.push(key)
    void work()
  }

  async function work(): Promise<void> {
    if (working) return
    working = true
    for (let key = waiting[0]; key !== undefined; key = waiting[0]) {
      const entry = log.entries.find((candidate) => candidate.key === key)
      const failure = entry && entry.seq === null ? await deliver(entry) : null
      waiting.shift()
      if (failure?.isTemporary) holdBack(failure)
    }
    working = false
  }

  /** What stands behind a message that could not be sent waits with it, so that the order is kept. */
  function holdBack(error: ApiError): void {
    for (const key of waiting.splice(0)) {
      const entry = log.entries.find((candidate) => candidate.key === key)
      if (entry && entry.seq === null) markFailed(key, error)
    }
  }

  async function deliver(entry: Entry): Promise<ApiError | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const ack = await events.post(outgoing(entry))
        log.acknowledge(ack)
        retryable.delete(entry.key)
        events.sent(ack)
        return null
      } catch (cause) {
        const error = cause instanceof ApiError ? cause : new ApiError(0, 'unreachable', '')
        if (error.isTemporary && attempt < ATTEMPTS && navigator.onLine !== false) {
          await pause(waitingTime(attempt, RETRY))
          continue
        }
        giveUp(entry, error)
        return error
      }
    }
  }

  function giveUp(entry: Entry, error: ApiError): void {
    const current = log.entries.find((candidate) => candidate.key === entry.key)
    // The stream may have brought the server's copy although the receipt was lost.
    if (!current || current.seq !== null) return
    markFailed(entry.key, error)
    if (error.isGone) events.gone()
    else events.failed(error)
  }

  function markFailed(key: string, error: ApiError): void {
    log.update(key, { state: 'failed', error: error.text || null })
    if (error.isTemporary || error.isGone) retryable.add(key)
  }

  function resend(key: string): void {
    log.update(key, { state: 'sending', error: null })
    enqueue(key)
  }

  function flush(): void {
    for (const entry of log.entries) {
      if (entry.state !== 'failed' || !retryable.has(entry.key)) continue
      if (clock() - Date.parse(entry.createdAt) <= RESEND_FOR_MS) resend(entry.key)
    }
  }

  return {
    send: (text, buttonId = null) => {
      const { key } = log.addOwn(text, buttonId)
      flush()
      enqueue(key)
    },
    resend,
    flush,
  }
}

function outgoing(entry: Entry): OutgoingMessage {
  const clientId = entry.clientId ?? entry.key
  if (entry.buttonId !== null) return { client_id: clientId, button_id: entry.buttonId }
  const [block] = entry.blocks
  return { client_id: clientId, text: block?.type === 'text' ? block.text : '' }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
