import { CompactHistogram } from '../../core/compact-histogram.ts'
import type { Link } from '../bus/link.ts'
import type { Interval } from '../metrics/interval.ts'
import type { ToCoordinator, ToWorker, WorkerPlace } from './messages.ts'

/** A worker that has been started or found, and waits for its assignment. */
export interface Recruit {
  link: Link<ToWorker, ToCoordinator>
  /** The name that it has in its cluster. */
  name?: string
  /** Time that all workers need to hear of a start before it. */
  leadMs: number
  /** Looks of the coordinator, one a second, in which nothing may come from it; default: as on one machine. */
  mostSilentSeconds?: number
  /** Ends a worker that hangs, so that it does not go on unseen. */
  kill?: () => void
}

/** A worker that is gone before its work was done. */
export interface Loss {
  /** End of what it had sent, as an offset from the start of the run. */
  atMs: number
  /** The reason in words: "its process ended with SIGKILL". */
  detail: string
}

/** Buckets of the delays of one worker. */
const MOST_BUCKETS = 512

/** A worker, as its coordinator knows it. */
export class CrewMember {
  readonly index: number
  readonly recruit: Recruit
  place: WorkerPlace | undefined
  digest: string | undefined
  /** `coming`: its scenario is being loaded. `driving`: its loads are under way. `idle`: it waits for what comes next. */
  state: 'coming' | 'idle' | 'driving' | 'finished' = 'coming'
  lost: Loss | undefined
  /** Difference between its wall clock and that of the coordinator. */
  clockOffsetMs = 0
  /** Largest error of the offset: half of the round trip that measured it. Absent before. */
  clockUncertaintyMs: number | undefined
  /** Last whole second of the phase that it has sent. */
  second = -1
  /** Looks of the coordinator, one a second, in a row in which nothing had come. */
  silentSeconds = 0
  /** End of what it has sent, as an offset from the start of the run. */
  countedMs = 0
  requests = 0
  iterations = 0
  /** Arrivals that were due. */
  offered = 0
  worstLoopDelayMs = 0
  /** Intervals that never came. */
  missing = 0
  sendDelay = CompactHistogram.empty
  #sequence = 0
  #cpuSum = 0
  #readings = 0

  constructor(index: number, recruit: Recruit) {
    this.index = index
    this.recruit = recruit
  }

  /** Difference of its clock, as far as it is more than the error of its measurement. */
  get measuredOffsetMs(): number {
    return Math.abs(this.clockOffsetMs) > (this.clockUncertaintyMs ?? 0) ? this.clockOffsetMs : 0
  }

  /** Whether work of it is still to come. */
  get isBusy(): boolean {
    return this.state === 'driving' && this.lost === undefined
  }

  /** Tells whether a message with this number is new; one that is repeated must not count again. */
  accepts(sequence: number): boolean {
    if (sequence <= this.#sequence) return false
    this.missing += sequence - this.#sequence - 1
    this.#sequence = sequence
    return true
  }

  /** Counts intervals that should have come. @param sent number of intervals that the worker has sent */
  expect(sent: number): void {
    this.missing += Math.max(0, sent - this.#sequence)
    this.#sequence = Math.max(sent, this.#sequence)
  }

  /** CPU time as a share of one core, on average. */
  get cpu(): number {
    return this.#readings === 0 ? 0 : this.#cpuSum / this.#readings
  }

  count({ toMs, delta, offered, generator }: Interval): void {
    this.countedMs = Math.max(this.countedMs, toMs)
    this.requests += delta.total('http_reqs')
    this.iterations += delta.total('iterations')
    this.offered += offered
    const delays = delta.select('send_delay').map(({ value }) => value.histogram)
    this.sendDelay = this.sendDelay.merge(CompactHistogram.sum(delays, MOST_BUCKETS), MOST_BUCKETS)
    if (generator === undefined) return
    this.#cpuSum += generator.cpu
    this.#readings += 1
    this.worstLoopDelayMs = Math.max(this.worstLoopDelayMs, generator.eventLoopDelayP99Ms)
  }
}

/** Returns a sentence about two workers whose scenarios differ; undefined if all of them loaded the same. */
export function differentLoads([first, ...others]: readonly CrewMember[]): string | undefined {
  const other = others.find(({ digest }) => digest !== first!.digest)
  if (other === undefined) return undefined
  return `Workers ${first!.index + 1} and ${other.index + 1} would run different loads, although they loaded the same scenario with the same options. Its load, users and thresholds must depend on neither chance, time nor machine.`
}
