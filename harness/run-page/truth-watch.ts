import type { LedgerReport } from '../../contract/ledger.ts'
import type { TruthSecond } from '../../pages/run-feed.ts'
import type { Clock } from '../../core/clock.ts'
import { MalformedHistogram } from '../../core/encoded-histogram.ts'
import { BucketGrowth } from './bucket-growth.ts'
import { Rationed } from './rationed.ts'

export interface TruthWatchOptions {
  clock: Clock
  /** Reads the ledger of the run as it is now. */
  read: () => Promise<LedgerReport>
  /** Called with what a reading says of each second since the reading before. */
  onTruth: (seconds: TruthSecond[], ledger: LedgerReport) => void
  /** Called with a sentence when the ledger cannot be read for a while. */
  onProblem: (problem: string) => void
}

/** The time of a core of the target that readings may take. */
const SHARE = 0.008
/**
 * Cost of a reading for the target, as measured. The time until it answers would say less: in a busy target, that is the time of
 * others.
 */
const READING_MS = 0.5
const OPERATION_MS = 0.6
const CONSUMER_MS = 0.005
/** Longest gap between two readings that is filled with their mean. */
const MOST_FILLED_S = 60
/** Failures in a row after which people are told. A target that is started again answers later. */
const TOLD_FAILURES = 3

/** Counts that only grow while the run goes on. */
type GrowingCounts = Record<'arrivals' | 'answers' | 'delivered', number>

interface Reading {
  boot: string
  counts: GrowingCounts
  /** Monotonic ms. */
  atMs: number
  second: number
}

/** Reads the ledger of the target about once a second, beside the run. Large ledgers are read less often. */
export class TruthWatch {
  readonly #options: TruthWatchOptions
  readonly #ration: Rationed
  #growth = new BucketGrowth()
  #before: Reading | undefined
  #isReading = false
  #failures = 0

  constructor(options: TruthWatchOptions) {
    this.#options = options
    this.#ration = new Rationed(options.clock, SHARE)
  }

  /** Reads the ledger, unless that is under way or would cost too much. @param startedAt start of the loads, in monotonic ms */
  look(startedAt: number): void {
    if (this.#isReading || !this.#ration.isDue) return
    this.#isReading = true
    void this.#read(startedAt).finally(() => (this.#isReading = false))
  }

  async #read(startedAt: number): Promise<void> {
    const { clock, read, onTruth, onProblem } = this.#options
    const askedAt = clock.now()
    try {
      const ledger = await read()
      const atMs = (askedAt + clock.now()) / 2
      this.#ration.spend(costMsOf(ledger))
      this.#failures = 0
      onTruth(this.#since(ledger, atMs, startedAt), ledger)
    } catch (error) {
      this.#failures += 1
      if (this.#failures === TOLD_FAILURES) onProblem((error as Error).message)
    }
  }

  /** Returns what came since the reading before: since the start, for the first. */
  #since(ledger: LedgerReport, atMs: number, startedAt: number): TruthSecond[] {
    const { boot, open, sockets } = ledger
    const now = { boot, counts: countsIn(ledger), atMs, second: Math.round((atMs - startedAt) / 1000) - 1 }
    const start = { boot, counts: { arrivals: 0, answers: 0, delivered: 0 }, atMs: startedAt, second: -1 }
    const before = this.#before ?? start
    // A target that was started again has counted from zero since an unknown time.
    const isComparable = before.boot === boot
    if (isComparable && now.second <= before.second) return []
    if (!isComparable) this.#growth = new BucketGrowth()
    this.#before = now
    const lastByteP95Ms = this.#lastByteP95Ms(ledger)
    if (!isComparable) return []
    const seconds = (atMs - before.atMs) / 1000
    const rate = (name: keyof GrowingCounts) => Math.max(0, (now.counts[name] - before.counts[name]) / seconds)
    const truth = {
      arrivals: rate('arrivals'),
      answers: rate('answers'),
      delivered: rate('delivered'),
      // Each open stream and socket is an open request as well.
      openRequests: Math.max(0, open.requests - open.streams - sockets.open),
      openStreams: open.streams + sockets.open,
      ...(lastByteP95Ms !== undefined && { lastByteP95Ms }),
    }
    const filled = Math.min(now.second - before.second, MOST_FILLED_S)
    return Array.from({ length: filled }, (_, index) => ({ second: now.second - filled + 1 + index, ...truth }))
  }

  #lastByteP95Ms({ operations }: LedgerReport): number | undefined {
    try {
      return this.#growth.percentile(
        95,
        operations.flatMap(({ lastByte }) => lastByte ?? []),
      )
    } catch (error) {
      if (error instanceof MalformedHistogram) return undefined
      throw error
    }
  }
}

function costMsOf({ operations, consumers }: LedgerReport): number {
  return READING_MS + operations.length * OPERATION_MS + consumers.length * CONSUMER_MS
}

/** The target may be of another version, so that what it says of itself is not trusted to be complete. */
function countsIn({ operations, events, sockets }: LedgerReport): GrowingCounts {
  const sum = (counts: readonly unknown[]) =>
    counts.reduce<number>((total, count) => total + (typeof count === 'number' ? count : 0), 0)
  return {
    arrivals: sum(operations.map(({ arrivals }) => arrivals)),
    answers: sum(operations.flatMap(({ statuses }) => Object.values(statuses))),
    delivered: events.delivered + sum(sockets.endpoints.map(({ delivered }) => delivered)),
  }
}
