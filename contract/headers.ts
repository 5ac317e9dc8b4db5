/** Header names that carry Loadcell's own meaning, in the lower case Node uses. */
export const headers = {
  /** Which run a request belongs to in the ledger; absent means `default`. */
  run: 'x-loadcell-run',
  /** The key of one exchange: faults are decided by it, and a consumer is accounted under it. */
  exchange: 'x-loadcell-exchange',
  /** Ordinal of the attempt under that key, unless it is the first: a stream that is reopened keeps its key. */
  attempt: 'x-loadcell-attempt',
  tenant: 'x-tenant-id',
  requestId: 'x-request-id',
  idempotencyKey: 'idempotency-key',
  idempotentReplayed: 'idempotent-replayed',
  lastEventId: 'last-event-id',
  /** Cursor for the next poll of a stream. */
  cursor: 'x-loadcell-cursor',
} as const

export const defaultRun = 'default'
export const defaultTenant = 'public'

/** Protocol that Loadcell's own clients of the control plane offer beside HTTP (ALPN), so that no fault affects their handshakes. */
export const CONTROL_ALPN = 'loadcell-control'
