import type { LedgerReport, SlowRecord } from '../../contract/ledger.ts'
import { operationNames } from '../../contract/api/operations.ts'
import { Highest } from '../../core/highest.ts'
import type { Clock } from '../../core/clock.ts'
import type { PollsBook, RunAccount, StreamBook } from '../exchange/account.ts'
import { EventsSection } from './events-section.ts'
import { FaultsSection, StationsSection } from './faults-section.ts'
import { OperationBook } from './operation-book.ts'
import type { MemoryTable } from '../memory/budget.ts'
import { RateLimitsSection, TokensSection } from './admission-section.ts'
import { RunMemory, UnmatchedPaths } from './counts.ts'
import { GrpcSection } from './grpc-section.ts'
import { LlmSection } from './llm-section.ts'
import { ReportsSection } from './reports-section.ts'
import { SocketsSection } from './sockets-section.ts'
import { StreamsSection } from './streams-section.ts'

/** Estimated bytes of an empty run, and of each operation; measured and rounded up. */
export const RUN_BYTES = 65_536
const OPERATION_BYTES = 147_456
const MOST_SLOW = 10

/** The ledger of one run. Times are monotonic. */
export class RunLedger implements RunAccount {
  readonly run: string
  /** Distinguishes this ledger from an earlier one of the same run. */
  readonly ordinal: number
  readonly events: EventsSection
  readonly tokens = new TokensSection()
  readonly reports = new ReportsSection()
  readonly faults: FaultsSection
  readonly llm: LlmSection
  readonly grpc = new GrpcSection()
  readonly stations: StationsSection
  readonly rateLimits: RateLimitsSection
  readonly sockets: SocketsSection
  readonly streams: StreamsSection
  readonly unmatchedPaths: UnmatchedPaths
  /** Empty unless details are kept. Times are monotonic. */
  readonly slowest = new Highest<SlowRecord>(MOST_SLOW, ({ lastByteMs }) => lastByteMs)
  openRequests = 0
  late = 0
  recordsMade = 0
  recordsLost = 0
  firstAt: number | undefined
  lastAt = 0
  readonly #memory: RunMemory
  readonly #operations: (OperationBook | undefined)[] = operationNames.map(() => undefined)

  constructor(run: string, ordinal: number, mostConsumers: number, clock: Clock, memory: MemoryTable) {
    this.run = run
    this.ordinal = ordinal
    this.#memory = new RunMemory(memory)
    this.#memory.charge(RUN_BYTES)
    this.events = new EventsSection(this.#memory)
    this.streams = new StreamsSection(mostConsumers, clock, this.#memory)
    this.rateLimits = new RateLimitsSection(mostConsumers, this.#memory)
    this.sockets = new SocketsSection(clock)
    this.llm = new LlmSection(this.#memory)
    this.faults = new FaultsSection(this.#memory)
    this.stations = new StationsSection(this.#memory)
    this.unmatchedPaths = new UnmatchedPaths(this.#memory)
  }

  operation(index: number): OperationBook {
    return this.#operations[index] ?? this.#addOperation(index)
  }

  /** Releases the memory of a forgotten run. */
  discard(): void {
    this.#memory.release()
  }

  openConsumer(key: string | undefined, streams: readonly string[], resumed: boolean): StreamBook {
    return this.streams.openConsumer(key, streams, resumed)
  }

  get polls(): PollsBook {
    return this.streams.polls
  }

  streamRefused(): void {
    this.streams.refused += 1
  }

  get idle(): boolean {
    return (
      this.openRequests === 0 &&
      this.streams.open.size === 0 &&
      this.reports.open === 0 &&
      this.llm.open === 0 &&
      this.sockets.openSockets.size === 0
    )
  }

  /** @param wallOffsetMs difference between wall time and monotonic time */
  report(boot: string, wallOffsetMs: number): LedgerReport {
    this.streams.settle()
    this.sockets.settle()
    const slowest = this.slowest.list()
    return {
      format: 'loadcell.ledger/1',
      run: this.run,
      boot,
      ...(this.firstAt !== undefined && { firstAt: this.firstAt + wallOffsetMs, lastAt: this.lastAt + wallOffsetMs }),
      open: { requests: this.openRequests, streams: this.streams.open.size },
      operations: this.#operations.flatMap((book, index) => book?.report(operationNames[index]!) ?? []),
      streams: this.streams.report(),
      consumers: [...this.streams.consumers.values()],
      consumersNotKept: this.streams.consumers.notKept,
      events: { ...this.events.report(), ...this.streams.reportEvents() },
      tokens: this.tokens.report(),
      reports: this.reports.report(),
      rateLimits: this.rateLimits.report(),
      faults: { ...this.faults.report(), stations: this.stations.report() },
      sockets: this.sockets.report(),
      ...this.llm.report(),
      ...this.grpc.report(),
      ...this.unmatchedPaths.report(),
      records: { kept: this.recordsMade - this.recordsLost, notKept: this.recordsLost },
      late: this.late,
      ...(slowest.length > 0 && {
        slowest: slowest.map(record => ({ ...record, startedAt: record.startedAt + wallOffsetMs })),
      }),
    }
  }

  #addOperation(index: number): OperationBook {
    this.#memory.charge(OPERATION_BYTES)
    return (this.#operations[index] = new OperationBook())
  }
}
