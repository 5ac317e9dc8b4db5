/** What rules are held against: who asks for what, under which key. */
export interface FaultSubject {
  /** What the client calls it (`X-Loadcell-Exchange`, `Idempotency-Key`, the id of `traceparent`), else its ordinal among the arrivals of its operation. */
  readonly key: string | number
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly tenant: string
  readonly client: string | undefined
  readonly region: string | undefined
  header(name: string): string | undefined
}
