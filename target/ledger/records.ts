import type { LedgerRecord, RequestDetails } from '../../contract/ledger-record.ts'
import { type OperationName, operationNames } from '../../contract/api/operations.ts'
import type { RunLedger } from './run-ledger.ts'

const ABORTED = 1
const LATE = 2
const CUT = 4
const STALLED = 8

const outcomeFlags: Record<Outcome, number> = { completed: 0, aborted: ABORTED, cut: CUT }

/** A request that has ended. Times are monotonic. */
export interface EndedRequest {
  readonly operationIndex: number
  readonly startedAt: number
  readonly headAt: number | undefined
  readonly bytesIn: number
  readonly bytesOut: number
}

export type Outcome = LedgerRecord['outcome']

/** The end of a request. */
export interface RequestEnd {
  status: number
  endedAt: number
  outcome: Outcome
  late: boolean
  stalled: boolean
  details: RequestDetails | undefined
}

/** Size of a record. */
export const RECORD_BYTES = 48
/** Estimated size of the details of a record, measured and rounded up. */
export const DETAILS_BYTES = 512

/** Single requests in the order in which they ended: a ring of typed arrays, which costs the garbage collector nothing. */
export class Records {
  readonly #capacity: number
  readonly #runLedgerOf: (runOrdinal: number) => RunLedger | undefined
  readonly #wallOffsetMs: number
  #written = 0

  readonly #run: Uint32Array
  readonly #operation: Uint8Array
  readonly #status: Uint16Array
  readonly #flags: Uint8Array
  readonly #startedAt: Float64Array
  readonly #firstByteMs: Float32Array
  readonly #lastByteMs: Float32Array
  readonly #bytesIn: Float64Array
  readonly #bytesOut: Float64Array
  /** Undefined unless details are kept. */
  readonly #details: (RequestDetails | undefined)[] | undefined

  /** @param runLedgerOf returns the run of a record; undefined if the run was forgotten, and its records with it */
  constructor(
    { records: capacity, details }: { records: number; details: boolean },
    wallOffsetMs: number,
    runLedgerOf: (runOrdinal: number) => RunLedger | undefined,
  ) {
    this.#capacity = capacity
    this.#wallOffsetMs = wallOffsetMs
    this.#runLedgerOf = runLedgerOf
    this.#run = new Uint32Array(capacity)
    this.#operation = new Uint8Array(capacity)
    this.#status = new Uint16Array(capacity)
    this.#flags = new Uint8Array(capacity)
    this.#startedAt = new Float64Array(capacity)
    this.#firstByteMs = new Float32Array(capacity)
    this.#lastByteMs = new Float32Array(capacity)
    this.#bytesIn = new Float64Array(capacity)
    this.#bytesOut = new Float64Array(capacity)
    this.#details = details ? [] : undefined
  }

  get keepsDetails(): boolean {
    return this.#details !== undefined
  }

  write(runLedger: RunLedger, request: EndedRequest, end: RequestEnd): void {
    const { status, endedAt, outcome, late, stalled } = end
    runLedger.recordsMade += 1
    if (this.#capacity === 0) {
      runLedger.recordsLost += 1
      return
    }
    const slot = this.#written % this.#capacity
    if (this.#written >= this.#capacity) {
      const overwritten = this.#runLedgerOf(this.#run[slot]!)
      if (overwritten !== undefined) overwritten.recordsLost += 1
    }
    this.#written += 1
    this.#run[slot] = runLedger.ordinal
    this.#operation[slot] = request.operationIndex
    this.#status[slot] = status
    this.#flags[slot] = outcomeFlags[outcome] | (late ? LATE : 0) | (stalled ? STALLED : 0)
    this.#startedAt[slot] = request.startedAt
    this.#firstByteMs[slot] = (request.headAt ?? endedAt) - request.startedAt
    this.#lastByteMs[slot] = endedAt - request.startedAt
    this.#bytesIn[slot] = request.bytesIn
    this.#bytesOut[slot] = request.bytesOut
    if (this.#details !== undefined) this.#details[slot] = end.details
  }

  /** Number of records so far, those that are overwritten included. */
  get written(): number {
    return this.#written
  }

  /**
   * Calls `visit` for each kept record from this ordinal on, oldest first, and for the latest `most` only. It allocates nothing.
   * @returns number of the visited records
   */
  visitSince(
    ordinal: number,
    most: number,
    visit: (operationIndex: number, status: number, lastByteMs: number) => void,
  ): number {
    const end = this.#written
    const first = Math.max(ordinal, end - Math.min(most, this.#capacity))
    for (let at = first; at < end; at++) {
      const slot = at % this.#capacity
      visit(this.#operation[slot]!, this.#status[slot]!, this.#lastByteMs[slot]!)
    }
    return Math.max(0, end - first)
  }

  /** Yields the records of one run, oldest first. Records that are overwritten meanwhile are skipped. */
  *of(runLedger: RunLedger): Iterable<LedgerRecord> {
    const end = this.#written
    for (let ordinal = Math.max(0, end - this.#capacity); ordinal < end; ordinal++) {
      const slot = ordinal % this.#capacity
      if (this.#run[slot] !== runLedger.ordinal || ordinal < this.#written - this.#capacity) continue
      yield this.#recordAt(ordinal, runLedger.run)
    }
  }

  /** Returns the latest records of one run, newest first: at most so many, of one operation or of all. */
  latest(runLedger: RunLedger, most: number, operation?: OperationName): LedgerRecord[] {
    const index = operation === undefined ? undefined : operationNames.indexOf(operation)
    const found: LedgerRecord[] = []
    const oldest = Math.max(0, this.#written - this.#capacity)
    for (let ordinal = this.#written - 1; ordinal >= oldest && found.length < most; ordinal--) {
      const slot = ordinal % this.#capacity
      if (this.#run[slot] !== runLedger.ordinal) continue
      if (index === undefined || this.#operation[slot] === index) found.push(this.#recordAt(ordinal, runLedger.run))
    }
    return found
  }

  #recordAt(ordinal: number, run: string): LedgerRecord {
    const slot = ordinal % this.#capacity
    const flags = this.#flags[slot]!
    const details = this.#details?.[slot]
    return {
      ordinal,
      run,
      operation: operationNames[this.#operation[slot]!]!,
      status: this.#status[slot]!,
      outcome: flags & ABORTED ? 'aborted' : flags & CUT ? 'cut' : 'completed',
      startedAt: this.#startedAt[slot]! + this.#wallOffsetMs,
      firstByteMs: roundToMicroseconds(this.#firstByteMs[slot]!),
      lastByteMs: roundToMicroseconds(this.#lastByteMs[slot]!),
      bytesIn: this.#bytesIn[slot]!,
      bytesOut: this.#bytesOut[slot]!,
      late: (flags & LATE) !== 0,
      stalled: (flags & STALLED) !== 0,
      ...(details && { details }),
    }
  }
}

function roundToMicroseconds(valueMs: number): number {
  return Math.round(valueMs * 1000) / 1000
}
