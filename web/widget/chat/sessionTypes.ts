/** The outside of a session: what the screen reads and may ask for. */
import type { Options } from '../core/options'
import type { Store } from '../core/storage'
import type { BankConfig, DeskState, Entry, Verdict } from '../core/types'
import type { Api, ApiError, Credentials } from '../net/api'
import type { Connection } from '../net/stream'
import type { MessageLog } from './log'

export type Phase = 'idle' | 'starting' | 'ready' | 'down'

export interface SessionState {
  phase: Phase
  connection: Connection
  typing: boolean
  /** A conversation that the server had ended was replaced by a new one. */
  restarted: boolean
  handoff: 'idle' | 'pending' | 'failed'
  /** The server's words about a refused handoff. */
  handoffError: string
  feedback: Record<string, Verdict>
  config: BankConfig | null
  /** What the desk last said; null while nothing pushes it. */
  desk: DeskState | null
  /** Grows whenever a case that this conversation may see has changed. */
  caseChanges: number
  /** Whether the bank's page has signed the customer in, and the masked name if it was told. */
  verified: boolean
  name: string
}

export interface SessionEvents {
  /** A message that the customer has not seen and did not write. */
  arrived(entry: Entry): void
  failed(error: ApiError): void
  /** The bank says that its customer reads large type. */
  readsLarge(): void
}

export interface Session {
  readonly state: SessionState
  readonly log: MessageLog
  start(): Promise<void>
  send(text: string): void
  choose(buttonId: string, title: string): void
  resend(key: string): void
  requestHandoff(): Promise<void>
  /** Tell the server what the customer thinks of one answer; false when it did not get there. */
  rate(seq: number, value: Verdict, reason?: string): Promise<boolean>
  /** Do something with the rights of this conversation, once there is one; fails with an `ApiError`. */
  withRights<T>(action: (who: Credentials) => Promise<T>): Promise<T>
  /** Tell the server that large type was switched, if it does not know. */
  tellElder(): Promise<void>
  /** Ask the page who its customer is, and tell the server if it has not heard. */
  identify(): Promise<void>
  /** Fetch what is new at once. */
  refresh(): void
  startOver(): Promise<void>
  stop(): void
}

export interface SessionParts {
  api: Api
  store: Store
  options: Options
  /** Whether large type is on when a conversation begins. */
  elder(): boolean
  events: SessionEvents
}
