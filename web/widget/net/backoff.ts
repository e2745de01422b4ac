/** Waiting times between attempts: doubling, with jitter so that not all customers come back at once. */

export interface Backoff {
  /** First waiting time in milliseconds. */
  base: number
  /** Longest waiting time in milliseconds. */
  limit: number
}

/** Waiting time before attempt number `attempt` (from 1): between half and all of the doubled base. */
export function waitingTime(attempt: number, { base, limit }: Backoff, random: () => number = Math.random): number {
  const full = Math.min(limit, base * 2 ** Math.max(0, attempt - 1))
  return Math.round(full / 2 + (full / 2) * random())
}
