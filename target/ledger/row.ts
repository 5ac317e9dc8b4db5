import { operationNames } from '../../contract/api/operations.ts'
import type { RequestDetails } from '../../contract/ledger-record.ts'
import type { Ledger } from './ledger.ts'
import type { OperationBook, Tally } from './operation-book.ts'
import type { Outcome } from './records.ts'
import type { RunLedger } from './run-ledger.ts'

const FIRST_FAILURE = 400

/** The time that faults have taken so far: number, planned time and actual time of delays, and visits to stations. */
export interface DelayTotals {
  readonly delays: number
  readonly plannedDelayMs: number
  readonly delayMs: number
  /** Time spent waiting and being served at stations. */
  readonly queuedMs: number
  readonly servedMs: number
}

/** A request under way. It counts its arrival on creation and its end once, at the first report. */
export class Row {
  readonly account: RunLedger
  readonly operationIndex: number
  readonly startedAt: number
  headAt: number | undefined
  /** When its handler was called; undefined while faults delay it, or if a fault answered in place of the handler. */
  handlerStartedAt: number | undefined
  /** Time from the handler's start to its answer; undefined before the answer. */
  handlerMs: number | undefined
  /** Delays by faults; undefined if there are none. */
  faulted: DelayTotals | undefined
  /** Whether it waited to be read during a stall. */
  waitedOutStall = false
  bytesIn = 0
  bytesOut = 0
  protected readonly ledger: Ledger
  readonly #book: OperationBook
  readonly #total: Tally
  /** The status of an opened stream; 0 for everything else. */
  #streamStatus = 0
  #open = true

  constructor(ledger: Ledger, account: RunLedger, operationIndex: number) {
    this.ledger = ledger
    this.account = account
    this.operationIndex = operationIndex
    this.startedAt = ledger.clock.now()
    this.handlerStartedAt = this.startedAt
    account.openRequests += 1
    account.firstAt ??= this.startedAt
    account.lastAt = this.startedAt
    this.#book = account.operation(operationIndex)
    this.#book.arrived(this.startedAt)
    this.#total = ledger.totals[operationIndex]!
    this.#total.arrivals += 1
  }

  get isOpen(): boolean {
    return this.#open
  }

  get isStream(): boolean {
    return this.#streamStatus !== 0
  }

  /** Records a visit to a station, whether or not it was served. */
  visited(waitMs: number, serviceMs?: number): void {
    this.#book.visited(waitMs, serviceMs)
  }

  /**
   * Records that the handler has answered or refused. Only the first call counts, because another answer may follow one that
   * cannot be sent.
   */
  handled(now: number): void {
    if (this.handlerStartedAt === undefined || this.handlerMs !== undefined) return
    this.handlerMs = now - this.handlerStartedAt
    this.#book.handler.record(this.handlerMs)
  }

  /** Records that the answer begins. */
  headSent(now?: number): void {
    this.headAt ??= now ?? this.ledger.clock.now()
  }

  /** Records that the whole answer was handed to the network, now or at the time given. */
  answered(status: number, at?: number): void {
    if (!this.#open || this.isStream) return
    const now = at ?? this.ledger.clock.now()
    this.headAt ??= now
    this.#countAnswer(status)
    this.#book.lastByte.record(now - this.startedAt)
    this.#end(status, now, 'completed')
  }

  /**
   * Records that the client left before the answer was complete, or that a fault ended the connection before that.
   * @param status status of the head; 0 if it was not sent
   */
  interrupted(outcome: 'aborted' | 'cut', status = 0): void {
    if (!this.#open || this.isStream) return
    this.#book.tally[outcome] += 1
    this.#total[outcome] += 1
    if (status > 0) {
      this.headSent()
      this.#countAnswer(status)
    } else {
      this.#book.tally.unanswered += 1
      this.bytesOut = 0
    }
    this.#end(status, this.ledger.clock.now(), outcome)
  }

  streamOpened(status: number): void {
    if (!this.#open || this.isStream) return
    const now = this.ledger.clock.now()
    this.handled(now)
    this.headSent(now)
    this.#streamStatus = status
    this.#countAnswer(status)
  }

  streamEnded(): void {
    if (!this.#open || !this.isStream) return
    this.#end(this.#streamStatus, this.ledger.clock.now(), 'completed')
  }

  #countAnswer(status: number): void {
    this.#book.tally.answered(status)
    this.#book.firstByte.record(this.headAt! - this.startedAt)
    this.#total.answered(status)
  }

  #end(status: number, now: number, outcome: Outcome): void {
    this.#open = false
    const { account } = this
    account.openRequests -= 1
    account.lastAt = now
    const hasFailed = status >= FIRST_FAILURE || outcome !== 'completed'
    this.#book.tally.carried(this.bytesIn, this.bytesOut, hasFailed)
    this.#total.carried(this.bytesIn, this.bytesOut, hasFailed)
    const { faulted } = this
    if (faulted !== undefined && faulted.delays > 0) this.#book.delayed(faulted.plannedDelayMs, faulted.delayMs)
    const late = this.ledger.lateWatch.wasLate(this.startedAt, now)
    if (late) account.late += 1
    const stalled = this.waitedOutStall || this.ledger.stallWatch.hasHeld(this.startedAt)
    if (stalled) account.faults.stalled()
    const details = this.onEnd()
    this.ledger.recent?.add(this, { status, outcome, endedAt: now, late })
    this.ledger.records.write(account, this, { status, endedAt: now, outcome, late, stalled, details })
    if (details === undefined || this.isStream) return
    const lastByteMs = now - this.startedAt
    account.slowest.offer(lastByteMs, () => {
      const { method, url, trace } = details
      const firstByteMs = (this.headAt ?? now) - this.startedAt
      const operation = operationNames[this.operationIndex]!
      const times = { startedAt: this.startedAt, firstByteMs, lastByteMs }
      return { operation, status, outcome, ...times, method, url, ...(trace !== undefined && { trace }) }
    })
  }

  /** Called once, at the end. Returns the details for its record, if they are kept. */
  protected onEnd(): RequestDetails | undefined {
    return undefined
  }
}
