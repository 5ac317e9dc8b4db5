import { randomUUID } from 'node:crypto'
import type { Configuration } from '../configuration/configuration.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { type OperationName, operationNames } from '../../contract/api/operations.ts'
import type { Clock } from '../../core/clock.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import { MemoryBudget, type MemoryTable } from '../memory/budget.ts'
import { LateWatch, StallWatch } from './loop-watch.ts'
import { DETAILS_BYTES, RECORD_BYTES, Records } from './records.ts'
import type { RecentRequests } from './recent.ts'
import { RUN_BYTES, RunLedger } from './run-ledger.ts'
import { Tally } from './operation-book.ts'

export interface LedgerDependencies {
  clock: Clock
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** The target's ground truth: one ledger per run, single requests in a ring, and totals since the start. */
export class Ledger {
  readonly clock: Clock
  readonly boot: string = randomUUID()
  readonly lateWatch: LateWatch
  readonly stallWatch: StallWatch
  /** Totals since the start of the target, by index of the operation. Forgetting a run does not change them. */
  readonly totals: readonly Tally[] = operationNames.map(() => new Tally())
  records: Records
  /** Set while someone watches, because only then it is worth the time. */
  recent: RecentRequests | undefined
  readonly #limits: Configuration['ledger']
  readonly #memory: MemoryTable
  readonly #wallOffsetMs: number
  readonly #runs = new Map<string, RunLedger>()
  readonly #runsByOrdinal = new Map<number, RunLedger>()
  #nextOrdinal = 1

  constructor(limits: Configuration['ledger'], { clock, memory, lifecycle }: LedgerDependencies) {
    this.clock = clock
    this.#memory = memory.table('ledger')
    this.#memory.charge(limits.records * (RECORD_BYTES + (limits.details ? DETAILS_BYTES : 0)))
    this.#limits = limits
    this.#wallOffsetMs = clock.wallTime() - clock.now()
    this.lateWatch = new LateWatch(clock, parseDuration(limits.lateAfter))
    this.stallWatch = new StallWatch(clock)
    this.records = this.#emptyRecords()
    lifecycle.on('start', () => this.lateWatch.start())
    lifecycle.onReset('ledger', () => this.forgetCounts())
    lifecycle.on('close', () => this.lateWatch.stop())
  }

  /** Returns the ledger of a run, which is created on demand. */
  of(run: string): RunLedger {
    return this.#runs.get(run) ?? this.#addRun(run)
  }

  runs(): string[] {
    return [...this.#runs.keys()]
  }

  /** Difference between wall time and monotonic time. */
  get wallOffsetMs(): number {
    return this.#wallOffsetMs
  }

  /** Reports a run. An unused run has an empty report. */
  report(run: string): LedgerReport {
    const runLedger = this.#runs.get(run) ?? new RunLedger(run, 0, 0, this.clock, new MemoryBudget().table('ledger'))
    return runLedger.report(this.boot, this.#wallOffsetMs)
  }

  /** Returns the latest records of a run, newest first: at most so many, of one operation or of all. */
  latestRecords(run: string, most: number, operation?: OperationName): LedgerRecord[] {
    const runLedger = this.#runs.get(run)
    return runLedger === undefined ? [] : this.records.latest(runLedger, most, operation)
  }

  recordsOf(run: string): Iterable<LedgerRecord> {
    const runLedger = this.#runs.get(run)
    return runLedger === undefined ? [] : this.records.of(runLedger)
  }

  /** Forgets every run. Requests under way end on the ledger in which they began, which is no longer reported. */
  forgetCounts(): void {
    for (const runLedger of this.#runs.values()) runLedger.discard()
    this.#runs.clear()
    this.#runsByOrdinal.clear()
    this.records = this.#emptyRecords()
  }

  #addRun(run: string): RunLedger {
    if (this.#runs.size >= this.#limits.runs) this.#forgetOne()
    while (this.#runs.size > 0 && !this.#memory.hasRoom(RUN_BYTES) && this.#forgetOne(true));
    const runLedger = new RunLedger(run, this.#nextOrdinal++, this.#limits.consumers, this.clock, this.#memory)
    this.#runs.set(run, runLedger)
    this.#runsByOrdinal.set(runLedger.ordinal, runLedger)
    return runLedger
  }

  /** Forgets the run that has been idle the longest, or without an idle run the least recently used one. */
  #forgetOne(mustBeIdle = false): boolean {
    let oldest: RunLedger | undefined
    for (const runLedger of this.#runs.values()) {
      if (mustBeIdle && !runLedger.idle) continue
      if (oldest === undefined || (runLedger.idle === oldest.idle ? runLedger.lastAt < oldest.lastAt : runLedger.idle))
        oldest = runLedger
    }
    if (oldest === undefined) return false
    oldest.discard()
    this.#runs.delete(oldest.run)
    this.#runsByOrdinal.delete(oldest.ordinal)
    return true
  }

  #emptyRecords(): Records {
    return new Records(this.#limits, this.#wallOffsetMs, ordinal => this.#runsByOrdinal.get(ordinal))
  }
}
