import { ProblemError } from '../exchange/problem.ts'

/** Names of the tables that clients can make grow. */
export type TableName =
  | 'histories'
  | 'streams'
  | 'groups'
  | 'deduplication'
  | 'idempotency'
  | 'outboxes'
  | 'connections'
  | 'tls'
  | 'requests'
  | 'subscriptions'
  | 'catalog'
  | 'orders'
  | 'tasks'
  | 'reports'
  | 'chat'
  | 'graphql'
  | 'stomp'
  | 'grpc'
  | 'socketio'
  | 'topics'
  | 'documents'
  | 'tokens'
  | 'rate_limits'
  | 'ledger'

/** Share of the budget that is freed beyond what one entry needs, so that the next entries find room at once. */
const SPARE_SHARE = 1 / 64
/** After a search found nothing to forget, this many attempts are refused before the next search. */
const FUTILE_CHARGES = 256
const RETRY_AFTER_SECONDS = '1'

/**
 * Limits the memory of everything that clients can make grow: one number for the process, with a table for each kind of entry.
 * Charging and releasing only add and subtract estimates. When the budget is spent, the histories of streams shrink first, then
 * the largest table that can forget entries. If that is not enough, new entries are refused.
 */
export class MemoryBudget {
  readonly tables = new Map<TableName, MemoryTable>()
  usedBytes = 0
  /** Number of requests, connections, subscriptions and insertions that were refused. */
  refused = 0
  /** Shrinks the histories until `isEnough`; returns the number of events forgotten. */
  shedHistories: ((isEnough: () => boolean) => number) | undefined
  #limitBytes: number
  #isMakingRoom = false
  #futile = 0

  constructor(limitBytes = Number.POSITIVE_INFINITY) {
    this.#limitBytes = limitBytes
  }

  get limitBytes(): number {
    return this.#limitBytes
  }

  set limitBytes(bytes: number) {
    this.#limitBytes = bytes
    this.#futile = 0
    if (this.usedBytes > bytes) this.makeRoom(0)
  }

  /**
   * Returns the table of this name. Several owners may share a table.
   * @param forgetOldest forgets the least useful entry; returns false if there is none
   */
  table(name: TableName, forgetOldest?: () => boolean): MemoryTable {
    const table = this.tables.get(name) ?? new MemoryTable(this, name)
    this.tables.set(name, table)
    if (forgetOldest !== undefined) table.forgetters.push(forgetOldest)
    return table
  }

  /** Whether more is in use than allowed, because nothing was left to forget. */
  get isSpent(): boolean {
    return this.usedBytes > this.#limitBytes
  }

  /** Forgets entries until `bytes` more fit; returns whether they do. */
  makeRoom(bytes: number): boolean {
    if (this.#isMakingRoom) return false
    if (this.#futile > 0) {
      this.#futile -= 1
      return false
    }
    this.#isMakingRoom = true
    const enoughBytes = this.#limitBytes * (1 - SPARE_SHARE) - bytes
    this.#forgetUntil(() => this.usedBytes <= enoughBytes)
    this.#isMakingRoom = false
    const fits = this.usedBytes + bytes <= this.#limitBytes
    if (!fits) this.#futile = FUTILE_CHARGES
    return fits
  }

  /** Returns the problem for a request that needs `bytes` more, and counts the refusal. */
  refusal(bytes: number): ProblemError {
    this.refused += 1
    const largest = [...this.tables.values()].sort((a, b) => b.bytes - a.bytes).slice(0, 3)
    const takers = largest.map(({ name, bytes }) => `${name} ${bytes}`).join(', ')
    return new ProblemError(
      'memory_exhausted',
      `${bytes} more bytes do not fit into the memory budget of ${this.#limitBytes} bytes, of which ${this.usedBytes} are in use (${takers}): ` +
        'try again later, or raise memory.budgetBytes or the memory limit of the container',
      { headers: { 'retry-after': RETRY_AFTER_SECONDS } },
    )
  }

  #forgetUntil(isEnough: () => boolean): void {
    const histories = this.tables.get('histories')
    if (histories !== undefined) histories.forgotten += this.shedHistories?.(isEnough) ?? 0
    const yielding = new Set([...this.tables.values()].filter(({ forgetters }) => forgetters.length > 0))
    while (!isEnough() && yielding.size > 0) {
      let largest: MemoryTable | undefined
      for (const table of yielding) if (largest === undefined || table.bytes > largest.bytes) largest = table
      if (largest!.forgetters.some(forgetOldest => forgetOldest())) largest!.forgotten += 1
      else yielding.delete(largest!)
    }
  }
}

/** The share of the budget that one kind of entry uses, by estimate. */
export class MemoryTable {
  readonly name: TableName
  readonly forgetters: (() => boolean)[] = []
  bytes = 0
  /** Number of entries forgotten for lack of memory. */
  forgotten = 0
  readonly #budget: MemoryBudget

  constructor(budget: MemoryBudget, name: TableName) {
    this.#budget = budget
    this.name = name
  }

  /** Counts bytes that are in use already. The charge itself may make this table forget an entry, the new one included. */
  charge(bytes: number): void {
    this.bytes += bytes
    this.#budget.usedBytes += bytes
    if (this.#budget.usedBytes > this.#budget.limitBytes) this.#budget.makeRoom(0)
  }

  release(bytes: number): void {
    this.bytes -= bytes
    this.#budget.usedBytes -= bytes
  }

  /** Charges what was added, or releases what was removed if `bytes` is negative. */
  adjust(bytes: number): void {
    if (bytes > 0) this.charge(bytes)
    else this.release(-bytes)
  }

  /** Counts bytes if there is room for them; otherwise it counts nothing and returns false. */
  tryCharge(bytes: number): boolean {
    if (!this.hasRoom(bytes)) return false
    this.bytes += bytes
    this.#budget.usedBytes += bytes
    return true
  }

  /** Whether `bytes` more fit; makes room for them if it can. */
  hasRoom(bytes: number): boolean {
    return this.#budget.usedBytes + bytes <= this.#budget.limitBytes || this.#budget.makeRoom(bytes)
  }

  /** Makes room for `bytes` more, without counting them. @throws ProblemError memory_exhausted */
  requireRoom(bytes: number): void {
    if (!this.hasRoom(bytes)) throw this.#budget.refusal(bytes)
  }

  /** Counts bytes if there is room for them. @throws ProblemError memory_exhausted */
  admit(bytes: number): void {
    if (!this.tryCharge(bytes)) throw this.#budget.refusal(bytes)
  }

  /** Returns the problem for a request that needs `bytes` more, and counts the refusal. */
  refusal(bytes: number): ProblemError {
    return this.#budget.refusal(bytes)
  }
}

/** Estimates the bytes of a text in V8: one per character if all are ASCII, otherwise two. */
export function textBytes(text: string): number {
  const { length } = text
  return Buffer.byteLength(text) === length ? length : 2 * length
}
