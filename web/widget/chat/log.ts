/**
 * The conversation as this browser knows it, in order, each message once.
 *
 * A message is the same when its sequence number or its client id is the same. The server's copy
 * always wins over the optimistic one, because only the server's copy is masked.
 */
import { shallowReactive } from 'vue'

import { newClientId } from '../core/ids'
import type { Ack, Entry, ServerMessage } from '../core/types'

export interface MessageLog {
  /** Known messages by sequence number, then those the server does not have yet. */
  readonly entries: Entry[]
  /** Everything up to this number has been received. */
  readonly cursor: number
  /** The highest number received. */
  readonly highest: number
  /** Put an own message on screen before the server has it. */
  addOwn(text: string, buttonId: string | null): Entry
  /** Note the server's receipt. */
  acknowledge(ack: Ack): void
  /** Take in a message from the server; true when it was not there before. */
  receive(message: ServerMessage): boolean
  settle(seq: number): void
  update(key: string, change: Partial<Entry>): void
  /** Forget everything; `keepUnsent` keeps what the server does not have yet. */
  clear(keepUnsent: boolean): void
}

export function createLog(now: () => Date = () => new Date()): MessageLog {
  const entries = shallowReactive<Entry[]>([])
  const received = new Set<number>()
  let cursor = 0
  let highest = 0

  const indexOf = (matches: (entry: Entry) => boolean): number => entries.findIndex(matches)

  /** Place `entry` where its number belongs: after smaller numbers, before larger or missing ones. */
  function insert(entry: Entry): void {
    const seq = entry.seq
    let at = entries.length
    if (seq !== null) {
      while (at > 0 && (entries[at - 1]?.seq ?? Infinity) > seq) at -= 1
    }
    entries.splice(at, 0, entry)
  }

  function replace(index: number, entry: Entry): void {
    const moved = entries[index]?.seq !== entry.seq
    if (!moved) {
      entries[index] = entry
      return
    }
    entries.splice(index, 1)
    insert(entry)
  }

  function note(seq: number): void {
    received.add(seq)
    while (received.delete(cursor + 1)) cursor += 1
  }

  function addOwn(text: string, buttonId: string | null): Entry {
    const clientId = newClientId()
    const entry: Entry = {
      key: clientId,
      seq: null,
      clientId,
      role: 'customer',
      blocks: [{ type: 'text', text }],
      createdAt: now().toISOString(),
      masked: [],
      state: 'sending',
      error: null,
      buttonId,
      agent: null,
    }
    entries.push(entry)
    return entry
  }

  function acknowledge(ack: Ack): void {
    const index = indexOf((entry) => entry.clientId === ack.client_id)
    const entry = entries[index]
    // A receipt of a conversation that was left meanwhile says nothing about this one.
    if (!entry) return
    // A masked message stays a gap, so that the server's masked copy is fetched and shown.
    if (ack.seq > cursor && !ack.masked?.length) note(ack.seq)
    if (entry.seq !== null) {
      if (entry.state !== 'sent') entries[index] = { ...entry, state: 'sent', error: null }
      return
    }
    replace(index, { ...entry, seq: ack.seq, state: 'sent', error: null, masked: ack.masked ?? [] })
  }

  function receive(message: ServerMessage): boolean {
    if (message.seq > cursor) note(message.seq)
    highest = Math.max(highest, message.seq)
    const clientId = message.role === 'customer' ? (message.client_id ?? null) : null
    const index = indexOf(
      (entry) => entry.seq === message.seq || (clientId !== null && entry.clientId === clientId),
    )
    const known = entries[index]
    const entry: Entry = {
      key: known?.key ?? `seq-${message.seq}`,
      seq: message.seq,
      clientId: clientId ?? known?.clientId ?? null,
      role: message.role,
      blocks: message.blocks,
      createdAt: message.created_at,
      masked: message.masked ?? known?.masked ?? [],
      state: 'sent',
      error: null,
      buttonId: known?.buttonId ?? null,
      agent: message.agent ?? null,
    }
    if (known) replace(index, entry)
    else insert(entry)
    return !known
  }

  function settle(seq: number): void {
    cursor = Math.max(cursor, seq)
    highest = Math.max(highest, seq)
    for (const number of received) if (number <= cursor) received.delete(number)
    while (received.delete(cursor + 1)) cursor += 1
  }

  function update(key: string, change: Partial<Entry>): void {
    const index = indexOf((entry) => entry.key === key)
    const entry = entries[index]
    if (entry) entries[index] = { ...entry, ...change }
  }

  function clear(keepUnsent: boolean): void {
    const kept = keepUnsent ? entries.filter((entry) => entry.seq === null) : []
    entries.splice(0, entries.length, ...kept)
    received.clear()
    cursor = 0
    highest = 0
  }

  return {
    entries,
    get cursor() {
      return cursor
    },
    get highest() {
      return highest
    },
    addOwn,
    acknowledge,
    receive,
    settle,
    update,
    clear,
  }
}
