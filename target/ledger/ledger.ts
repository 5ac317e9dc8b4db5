import { randomUUID } from 'node:crypto'
import type { Configuration } from '../configuration/configuration.ts'
import type { LedgerRecord, LedgerReport } from '../../contract/ledger.ts'
import { operationNames } from '../../contract/api/operations.ts'
import type { Clock } from '../../core/clock.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import { MemoryBudget, type MemoryTable } from '../memory/budget.ts'
import { LateWatch, StallWatch } from './loop-watch.ts'
import { RECORD_BYTES, Records } from './records.ts'
import type { Books } from './row.ts'
import { RUN_BYTES, RunPage } from './run-page.ts'
import { Tally } from './operation-book.ts'

export interface LedgerDependencies {
  clock: Clock
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** The target's ground truth: one page per run, single requests in a ring, and totals since the start. */
export class Ledger implements Books {
  readonly clock: Clock
  readonly boot: string = randomUUID()
  readonly lateWatch: LateWatch
  readonly stallWatch: StallWatch
  /** Totals since the start of the target; forgetting a run does not change them. */
  readonly totals: readonly Tally[] = operationNames.map(() => new Tally())
  records: Records
  readonly #limits: Configuration['ledger']
  readonly #memory: MemoryTable
  readonly #wallOffsetMs: number
  readonly #pages = new Map<string, RunPage>()
  readonly #pagesByOrdinal = new Map<number, RunPage>()
  #nextOrdinal = 1

  constructor(limits: Configuration['ledger'], { clock, memory, lifecycle }: LedgerDependencies) {
    this.clock = clock
    this.#memory = memory.table('ledger')
    this.#memory.charge(limits.records * RECORD_BYTES)
    this.#limits = limits
    this.#wallOffsetMs = clock.wallTime() - clock.now()
    this.lateWatch = new LateWatch(clock, parseDuration(limits.lateAfter))
    this.stallWatch = new StallWatch(clock)
    this.records = this.#emptyRecords()
    lifecycle.onStart(() => this.lateWatch.start())
    lifecycle.onReset('ledger', () => this.forgetCounts())
    lifecycle.onClose(() => this.lateWatch.stop())
  }

  /** Returns the page of a run for writing. */
  page(run: string): RunPage {
    return this.#pages.get(run) ?? this.#newPage(run)
  }

  runs(): string[] {
    return [...this.#pages.keys()]
  }

  /** Reports a run. An unused run has an empty report. */
  report(run: string): LedgerReport {
    const page = this.#pages.get(run) ?? new RunPage(run, 0, 0, this.clock, new MemoryBudget().table('ledger'))
    return page.report(this.boot, this.#wallOffsetMs)
  }

  recordsOf(run: string): Iterable<LedgerRecord> {
    const page = this.#pages.get(run)
    return page === undefined ? [] : this.records.of(page)
  }

  /** Forgets every run. Requests under way end on their old pages, which are no longer reported. */
  forgetCounts(): void {
    for (const page of this.#pages.values()) page.discard()
    this.#pages.clear()
    this.#pagesByOrdinal.clear()
    this.records = this.#emptyRecords()
  }

  #newPage(run: string): RunPage {
    if (this.#pages.size >= this.#limits.runs) this.#forgetOne()
    while (this.#pages.size > 0 && !this.#memory.hasRoom(RUN_BYTES) && this.#forgetOne(true));
    const page = new RunPage(run, this.#nextOrdinal++, this.#limits.consumers, this.clock, this.#memory)
    this.#pages.set(run, page)
    this.#pagesByOrdinal.set(page.ordinal, page)
    return page
  }

  /** Forgets the run that was idle the longest; one under way only if all are. */
  #forgetOne(mustBeIdle = false): boolean {
    let oldest: RunPage | undefined
    for (const page of this.#pages.values()) {
      if (mustBeIdle && !page.idle) continue
      if (oldest === undefined || (page.idle === oldest.idle ? page.lastAt < oldest.lastAt : page.idle)) oldest = page
    }
    if (oldest === undefined) return false
    oldest.discard()
    this.#pages.delete(oldest.run)
    this.#pagesByOrdinal.delete(oldest.ordinal)
    return true
  }

  #emptyRecords(): Records {
    return new Records(this.#limits.records, this.#wallOffsetMs, ordinal => this.#pagesByOrdinal.get(ordinal))
  }
}
