import type {
  RunFeedDescription,
  RunFeedEnd,
  RunFeedLoad,
  RunFeedMessage,
  RunFeedPhase,
  RunFeedSecond,
  RunFeedState,
  TruthSecond,
} from '../../pages/run-feed.ts'
import type { Clock } from '../../core/clock.ts'
import type { RunControls } from '../live-control/run-controls.ts'
import { isOpen } from '../load/plan.ts'
import { areOpen } from '../load/run-load.ts'
import { Snapshot } from '../metrics/snapshot.ts'
import type { Plan } from '../plan/plan.ts'
import { silentTexts } from '../report/progress-words.ts'
import type { Progress } from '../results/progress.ts'
import type { StreamDeliveries } from '../results/ledger-findings.ts'
import type { RunNow } from '../results/run-now.ts'
import type { RunResult, Validity } from '../results/run-result.ts'
import { validityOf } from '../results/run-validity.ts'
import { pointOf, type TimelinePoint } from '../results/timeline.ts'
import { feedErrorsOf, feedMarksOf, finalTotalsOf, phasesOf, streamFatesOf } from './feed-rows.ts'
import { feedSecondOf } from './feed-second.ts'
import { feedTotalsOf } from './feed-totals.ts'
import { observedTarget } from './observed-target.ts'
import { Rationed } from './rationed.ts'
import { Recent } from './recent.ts'

/** Seconds that the charts show. */
const SHOWN_SECONDS = 600
/** A run that is younger has too few seconds to be judged. */
const JUDGED_FROM_SECONDS = 5
/** The time of the generator that judging may take. */
const JUDGING_SHARE = 0.003
const MOST_NOTES = 20

export interface RunViewOptions {
  clock: Pick<Clock, 'now'>
  plan: Plan
  run: RunFeedDescription
}

/** Everything that the page of a run shows, as it is now. What a viewer gets is bounded, however long the run is. */
export class RunView {
  readonly #loads: Plan['loads']
  readonly #judging: Rationed
  readonly #seconds = new Recent<RunFeedSecond>(SHOWN_SECONDS)
  readonly #truth = new Recent<TruthSecond>(SHOWN_SECONDS)
  /** Points of the whole run, because all of it is judged. */
  readonly #timeline: TimelinePoint[] = []
  /** Workers that were lost when validity was judged. */
  #judgedLost = 0
  #now: RunNow | undefined
  #newSeconds: RunFeedSecond[] = []
  #newTruth: TruthSecond[] = []
  #controls: RunControls | undefined
  #state: RunFeedState

  constructor({ clock, plan, run }: RunViewOptions) {
    this.#loads = plan.loads
    this.#judging = new Rationed(clock, JUDGING_SHARE)
    this.#state = {
      run,
      phase: 'preparing',
      elapsedMs: 0,
      plannedMs: plan.plannedMs,
      loads: [],
      silent: [],
      ...feedTotalsOf(new Snapshot(), { openStreams: 0, openSockets: 0 }),
      thresholds: [],
      errors: [],
      errorsNotShown: 0,
      marks: [],
      phases: [],
      notes: [],
      deliveries: [],
    }
  }

  /** Tells where the loads can be changed. */
  control(controls: RunControls): void {
    this.#controls = controls
  }

  enter(phase: RunFeedPhase): void {
    this.#state = { ...this.#state, phase }
  }

  /** Adds a sentence for people. */
  note(sentence: string): void {
    const { notes } = this.#state
    if (notes.includes(sentence)) return
    this.#state = { ...this.#state, notes: [...notes, sentence].slice(-MOST_NOTES) }
  }

  /** Tells why there is no truth of the target. */
  lackTruth(reason: string): void {
    this.#state = { ...this.#state, truthUnknown: reason }
  }

  /** Shows a second of the warm-up, whose numbers do not count. */
  warmUp({ phase, elapsedMs, plannedMs }: Progress): void {
    if (phase === 'warmup') this.#state = { ...this.#state, phase, elapsedMs, plannedMs }
  }

  /** Shows a second of the loads. */
  add(now: RunNow): void {
    const { plan, progress, measurements, second, marks } = now
    const { phase, elapsedMs, plannedMs, point, totals, thresholds, silent } = progress
    this.#timeline.push(point)
    this.#now = now
    // The one before may have got more from a worker that was late.
    this.#put(second.second - 1)
    this.#put(second.second)
    // The sample of a second comes a moment after it.
    for (const ordinal of [second.second - 1, second.second - 2]) {
      const truth = observedTarget(now.series, ordinal)
      if (truth !== undefined) this.addTruth([truth])
    }
    const { openStreams, openSockets } = totals
    const errors = measurements.snapshot.errors.rows()
    this.#state = {
      ...this.#state,
      phase,
      elapsedMs,
      plannedMs,
      silent: silentTexts(silent),
      ...feedTotalsOf(measurements.snapshot, { openStreams, openSockets }),
      thresholds,
      ...this.#validity(now),
      ...feedErrorsOf(errors),
      marks: feedMarksOf(marks),
      phases: phasesOf(plan, now.timelineAtMs),
    }
  }

  /** Adds what the target said. */
  addTruth(seconds: readonly TruthSecond[], deliveries?: readonly StreamDeliveries[]): void {
    for (const truth of seconds) {
      this.#truth.put(truth)
      this.#newTruth.push(truth)
    }
    if (deliveries !== undefined) this.#state = { ...this.#state, deliveries: streamFatesOf(deliveries) }
  }

  /** Shows the result, whose numbers are the final ones. */
  finish(result: RunResult, end: RunFeedEnd): void {
    const last = this.#now?.measurements.seconds.at(-1)?.second ?? -1
    for (let ordinal = Math.max(0, last - SHOWN_SECONDS); ordinal <= last; ordinal++) this.#put(ordinal)
    const { run, deliveries, thresholds, validity, errors, marks, spectrum } = result
    this.#state = {
      ...this.#state,
      phase: 'ended',
      silent: [],
      elapsedMs: run.durationMs,
      totals: { ...this.#state.totals, openStreams: 0, openSockets: 0, ...finalTotalsOf(result) },
      spectrum,
      thresholds,
      validity,
      ...feedErrorsOf(errors),
      marks: feedMarksOf(marks),
      deliveries: streamFatesOf(deliveries),
      end,
    }
  }

  /** Returns what a viewer gets. @param isWhole for a new viewer, or for one that has missed something */
  message(isWhole: boolean): RunFeedMessage {
    return {
      isWhole,
      state: { ...this.#state, loads: this.#loadsNow() },
      seconds: isWhole ? this.#seconds.list() : this.#newSeconds,
      truth: isWhole ? this.#truth.list() : this.#newTruth,
    }
  }

  /** Tells that all viewers have what is new. */
  sent(): void {
    this.#newSeconds = []
    this.#newTruth = []
  }

  #put(ordinal: number): void {
    const second = this.#now?.measurements.second(ordinal)
    if (second === undefined) return
    const shown = feedSecondOf(second, pointOf(second, areOpen(this.#loads)))
    this.#seconds.put(shown)
    this.#newSeconds.push(shown)
  }

  #validity(now: RunNow): { validity?: Validity } {
    const { plan, measurements, workers, changes } = now
    const lost = workers.filter(({ lost }) => lost !== undefined).length
    // The loss of a worker is judged at once, whatever that costs: the note about it must not contradict the judgement.
    const isDue = this.#judging.isDue || lost > this.#judgedLost
    if (this.#timeline.length < JUDGED_FROM_SECONDS || !isDue) return {}
    this.#judgedLost = lost
    // As if the run had been ended now: users that are still to come are not missing.
    const outcome = { state: 'interrupted', detail: '' } as const
    return {
      validity: this.#judging.do(() =>
        validityOf({ plan, measurements, timeline: this.#timeline, outcome, workers, changes }),
      ),
    }
  }

  #loadsNow(): RunFeedLoad[] {
    const { loads = [] } = this.#controls?.status() ?? {}
    return loads.map(status => {
      const load = this.#loads.find(({ name }) => name === status.name)?.load
      const hasSchedule = load === undefined || 'stages' in load
      return { ...status, ...(!hasSchedule && { scalesBy: isOpen(load) ? 'rate' : 'users' }) }
    })
  }
}
