import { ProblemError } from '../problem.ts'

/** Tables that clients can make grow. */
export type TableName =
  | 'histories'
  | 'streams'
  | 'groups'
  | 'deduplication'
  | 'idempotency'
  | 'outboxes'
  | 'connections'
  | 'requests'
  | 'subscriptions'
  | 'catalog'
  | 'orders'
  | 'tasks'
  | 'reports'
  | 'chat'
  | 'topics'
  | 'documents'
  | 'tokens'
  | 'rate_limits'
  | 'ledger'

/** Shares of the budget: room is made for more than the entry that asks, so that the next ones need not ask again. */
const SPARE_SHARE = 1 / 64
/** Charges that pass before anything is looked for again, after nothing was found that could be forgotten. */
const FUTILE_CHARGES = 256
const RETRY_AFTER_SECONDS = '1'

/**
 * The memory that everything clients can make grow shares: one number for the process, and a table for each kind. To charge and
 * to release is to add whole numbers. When the budget is spent, the histories of streams give way first, then whichever table
 * takes the most; what cannot give way is refused.
 */
export class MemoryBudget {
  readonly tables = new Map<TableName, MemoryTable>()
  usedBytes = 0
  /** Requests, connections and the like that were refused for want of memory. */
  refused = 0
  /** Lets histories give way until there is enough room; returns how many events it forgot. */
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

  /** @param forgetOldest forgets the entry it can spare best; returns false when it can spare none */
  table(name: TableName, forgetOldest?: () => boolean): MemoryTable {
    const table = this.tables.get(name) ?? new MemoryTable(this, name)
    this.tables.set(name, table)
    if (forgetOldest !== undefined) table.forgetters.push(forgetOldest)
    return table
  }

  /** More is in use than may be: nothing was left that could be forgotten. */
  get isSpent(): boolean {
    return this.usedBytes > this.#limitBytes
  }

  /** Forgets what can be spared until so many bytes more fit in; returns whether they do. */
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

/** What one kind of thing takes of the budget, by estimate. */
export class MemoryTable {
  readonly name: TableName
  readonly forgetters: (() => boolean)[] = []
  bytes = 0
  /** Entries that were forgotten for want of memory. */
  forgotten = 0
  readonly #budget: MemoryBudget

  constructor(budget: MemoryBudget, name: TableName) {
    this.#budget = budget
    this.name = name
  }

  /** Counts what is there already, or can be forgotten again. */
  charge(bytes: number): void {
    this.bytes += bytes
    this.#budget.usedBytes += bytes
    if (this.#budget.usedBytes > this.#budget.limitBytes) this.#budget.makeRoom(0)
  }

  release(bytes: number): void {
    this.bytes -= bytes
    this.#budget.usedBytes -= bytes
  }

  /** Counts what may be refused; returns false, and counts nothing, when there is no room for it. */
  tryCharge(bytes: number): boolean {
    if (!this.hasRoom(bytes)) return false
    this.bytes += bytes
    this.#budget.usedBytes += bytes
    return true
  }

  /** Whether so many bytes more fit in. */
  hasRoom(bytes: number): boolean {
    return this.#budget.usedBytes + bytes <= this.#budget.limitBytes || this.#budget.makeRoom(bytes)
  }

  /** @throws ProblemError memory_exhausted */
  admit(bytes: number): void {
    if (!this.tryCharge(bytes)) throw this.#budget.refusal(bytes)
  }

  /** Counts nothing yet. @throws ProblemError memory_exhausted */
  requireRoom(bytes: number): void {
    if (!this.hasRoom(bytes)) throw this.#budget.refusal(bytes)
  }
}

/** Bytes that V8 takes for the characters of a text: one each while all are ASCII, and two, to be on the safe side, otherwise. */
export function textBytes(text: string): number {
  const { length } = text
  return Buffer.byteLength(text) === length ? length : 2 * length
}
