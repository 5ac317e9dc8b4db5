import type { LedgerReport } from '../../contract/ledger.ts'
import { operationNames } from '../../contract/api/operations.ts'
import type { Clock } from '../../core/clock.ts'
import type { PollsBook, RunAccount, StreamBook } from '../exchange/account.ts'
import { EventsPage } from './events-page.ts'
import { FaultsPage, StationsPage } from './faults-page.ts'
import { OperationBook } from './operation-book.ts'
import type { MemoryTable } from '../memory/budget.ts'
import { PageMemory } from './page-memory.ts'
import { RateLimitsPage } from './rate-limits-page.ts'
import { ReportsPage } from './reports-page.ts'
import { SocketsPage } from './sockets-page.ts'
import { StreamsPage } from './streams-page.ts'
import { TokensPage } from './tokens-page.ts'
import { UnmatchedPaths } from './counts.ts'

/** Estimates for a page before anything is counted, and for each operation; measured and rounded up. */
export const RUN_BYTES = 65_536
const OPERATION_BYTES = 147_456

/** Everything the ledger keeps of one run. Times are the clock's monotonic ms. */
export class RunPage implements RunAccount {
  readonly run: string
  /** Tells this page from an earlier one of the same name. */
  readonly ordinal: number
  readonly events: EventsPage
  readonly tokens = new TokensPage()
  readonly reports = new ReportsPage()
  readonly faults: FaultsPage
  readonly stations: StationsPage
  readonly rateLimits: RateLimitsPage
  readonly sockets: SocketsPage
  readonly streams: StreamsPage
  readonly unmatchedPaths: UnmatchedPaths
  openRequests = 0
  late = 0
  recordsMade = 0
  recordsLost = 0
  firstAt: number | undefined
  lastAt = 0
  readonly #memory: PageMemory
  readonly #operations: (OperationBook | undefined)[] = operationNames.map(() => undefined)

  constructor(run: string, ordinal: number, mostConsumers: number, clock: Clock, memory: MemoryTable) {
    this.run = run
    this.ordinal = ordinal
    this.#memory = new PageMemory(memory)
    this.#memory.charge(RUN_BYTES)
    this.events = new EventsPage(this.#memory)
    this.streams = new StreamsPage(mostConsumers, clock, this.#memory)
    this.rateLimits = new RateLimitsPage(mostConsumers, this.#memory)
    this.sockets = new SocketsPage(clock)
    const hasMemoryFor = (bytes: number) => this.#memory.tryCharge(bytes)
    this.faults = new FaultsPage(hasMemoryFor)
    this.stations = new StationsPage(hasMemoryFor)
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
      this.sockets.openSockets === 0
    )
  }

  /** `wallOffsetMs` turns the clock's monotonic ms into wall time. */
  report(boot: string, wallOffsetMs: number): LedgerReport {
    return {
      format: 'loadcell.ledger/1',
      run: this.run,
      boot,
      ...(this.firstAt !== undefined && { firstAt: this.firstAt + wallOffsetMs, lastAt: this.lastAt + wallOffsetMs }),
      open: { requests: this.openRequests, streams: this.streams.open.size },
      operations: this.#operations.flatMap((book, index) => book?.report(operationNames[index]!) ?? []),
      streams: this.streams.report(),
      consumers: [...this.streams.consumers],
      consumersNotKept: this.streams.consumersNotKept,
      events: { ...this.events.report(), ...this.streams.reportEvents() },
      tokens: this.tokens.report(),
      reports: this.reports.report(),
      rateLimits: this.rateLimits.report(),
      faults: { ...this.faults.report(), stations: this.stations.report() },
      sockets: this.sockets.report(),
      ...this.unmatchedPaths.report(),
      records: { kept: this.recordsMade - this.recordsLost, notKept: this.recordsLost },
      late: this.late,
    }
  }

  #addOperation(index: number): OperationBook {
    this.#memory.charge(OPERATION_BYTES)
    return (this.#operations[index] = new OperationBook())
  }
}
