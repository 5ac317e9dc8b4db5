import type { FaultsBook } from '../exchange/account.ts'

/** The facts that rules match: who requests what, under which key. */
export interface FaultSubject {
  /**
   * The client's name for it (`X-Loadcell-Exchange`, `Idempotency-Key`, the ids of `traceparent`), else a number that
   * stands for its operation and its place among the arrivals of that.
   */
  readonly key: string | number
  /**
   * Ordinal of the attempt under its key, as the client counts. Decisions differ between attempts, but not for their
   * messages.
   */
  readonly attempt?: string | undefined
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly tenant: string
  /** Whom its bearer token names, if it shows a good one: the client, and the user by e-mail address. */
  readonly client: string | undefined
  readonly user: string | undefined
  readonly region: string | undefined
  header(name: string): string | undefined
  /** Where its run keeps account of what struck. */
  readonly faults: FaultsBook
}

export type FaultKey = readonly (string | number)[]

/**
 * The facts that decide about a request or a connection. Compute them once for all rules: that searches the headers.
 */
export function decidedBy({ key, attempt }: FaultSubject): FaultKey {
  return attempt === undefined ? [key] : [key, attempt]
}
