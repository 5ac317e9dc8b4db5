import { type FailureReason, failureReasons } from '../metrics/catalog.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import type { ErrorRow } from '../metrics/error-table.ts'
import type { RunOutcome } from '../results/run-result.ts'
import { formatDuration } from '../../core/duration.ts'
import { machineExhausted } from '../results/circumstances.ts'
import type { SilentPart } from '../results/progress.ts'
import type { ServerObserver } from '../server/server-observer.ts'
import type { Gathered } from './gathered.ts'

/** How long connections may fail, without any response or event, until the target counts as lost. */
const LOST_AFTER_MS = 5000
const FEWEST_FAILURES = 3
/** How long a run continues in which no user could begin. */
const HOPELESS_AFTER_MS = 10_000

/** Reasons for a failed connection. Silence is not one, because the attempts to reconnect show whether the target is there. */
const connectionReasons: readonly FailureReason[] = [
  'dns',
  'refused',
  'unreachable',
  'connect_timeout',
  'reset',
  'closed',
  'timeout',
  'protocol',
  'tls',
  'proxy',
]

/** Signs of life on streams and sockets, whose requests are counted only when they end. */
const lifeMetrics = [
  'sse_sessions',
  'sse_events',
  'ws_sessions',
  'ws_msgs_received',
  'grpc_streams',
  'grpc_streams_msgs_received',
] as const

/**
 * Statuses of requests that tell nothing new: without a response, or of a stream or socket that has ended. Their other responses have
 * times. A stream that was refused has a status, but no time.
 */
const endStatuses: readonly (string | undefined)[] = ['0', '101', '200']

type WatchedRun = Pick<Gathered, 'clock' | 'startedAt' | 'present'> & { measurements: { snapshot: Snapshot } }

/** Checks once a second whether the run still makes sense. */
export class Liveness {
  readonly #run: WatchedRun
  #signsOfLife = 0
  #lastLifeAt: number
  #failuresThen = 0
  /** When connections began to fail without a sign of life. */
  #failingSince: number | undefined

  constructor(run: WatchedRun) {
    this.#run = run
    this.#lastLifeAt = run.startedAt
  }

  /** Returns why the run should end now; undefined while it should not. */
  look(): RunOutcome | undefined {
    return this.#lost() ?? this.#hopeless()
  }

  /** Seconds in which the load has got no sign of life, as of the last look. */
  get silentSeconds(): number {
    return Math.floor((this.#run.clock.now() - this.#lastLifeAt) / 1000)
  }

  /** Returns the outcome of the run if the target is gone; undefined if it seems to have been alive to the end. */
  silentAtEnd(): RunOutcome | undefined {
    const { measurements, startedAt } = this.#run
    if (this.#countLife() > this.#signsOfLife || this.#exhaustedSince(this.#lastLifeAt - startedAt)) return undefined
    const latest = latestOf(
      measurements.snapshot.errors
        .rows()
        .filter(({ reason }) => reason === 'interrupted' || isConnectionReason(reason)),
    )
    if (latest === undefined || latest.lastMs < this.#lastLifeAt - startedAt) return undefined
    return this.#lostBy(latest)
  }

  #lost(): RunOutcome | undefined {
    const { clock, measurements, startedAt } = this.#run
    const now = clock.now()
    const failures = measurements.snapshot.errors.rows().filter(({ reason }) => isConnectionReason(reason))
    const failed = failures.reduce((sum, { count }) => sum + count, 0)
    const signsOfLife = this.#countLife()
    if (signsOfLife > this.#signsOfLife) {
      this.#signsOfLife = signsOfLife
      this.#lastLifeAt = now
      this.#failuresThen = failed
      this.#failingSince = undefined
      return undefined
    }
    // While this machine cannot connect, the state of the target is unknown.
    if (this.#exhaustedSince(this.#lastLifeAt - startedAt)) return undefined
    const latest = latestOf(failures)
    if (failed === this.#failuresThen || !latest) return undefined
    this.#failingSince ??= now
    if (now - this.#failingSince < LOST_AFTER_MS || failed - this.#failuresThen < FEWEST_FAILURES) return undefined
    return this.#lostBy(latest)
  }

  #lostBy({ reason, example }: ErrorRow): RunOutcome {
    const since = formatDuration(this.#lastLifeAt - this.#run.startedAt)
    return {
      state: 'target_lost',
      detail: `The target has not answered since ${since} into the run: ${failureReasons[reason]} (${example}).`,
    }
  }

  #exhaustedSince(offsetMs: number): boolean {
    const rows = this.#run.measurements.snapshot.errors.rows()
    return rows.some(({ reason, lastMs }) => reason === 'exhausted' && lastMs >= offsetMs)
  }

  /** Counts responses of any status, and signs of life on streams and sockets. */
  #countLife(): number {
    const { snapshot } = this.#run.measurements
    let life = lifeMetrics.reduce((sum, metric) => sum + snapshot.total(metric), 0)
    for (const { tags, value } of snapshot.select('http_req_duration')) {
      if (tags.status !== '0') life += value.histogram.count
    }
    for (const { tags, value } of snapshot.select('http_reqs')) {
      if (!endStatuses.includes(tags.status)) life += value.total
    }
    return life
  }

  #hopeless(): RunOutcome | undefined {
    const { clock, measurements, startedAt, present } = this.#run
    if (present.begunUsers > 0 || clock.now() - startedAt < HOPELESS_AFTER_MS) return undefined
    const rows = measurements.snapshot.errors.rows()
    const exhausted = rows.find(({ reason }) => reason === 'exhausted')
    if (exhausted !== undefined) return machineExhausted('No user could begin', exhausted.example)
    const exception = rows.find(({ reason }) => reason === 'exception')
    return exception && { state: 'scenario_failed', detail: `No user could begin: ${exception.example}.` }
  }
}

/** Silence that is told. It does not end a run, because a target under load may stall for longer. */
const TOLD_AFTER_SECONDS = 5

/** Names the target if neither the load nor the observer of its process hears from it. A load alone may only be waiting for events. */
export function silentTarget(
  { silentSeconds }: Pick<Liveness, 'silentSeconds'>,
  { targetSilentSeconds }: Pick<ServerObserver, 'targetSilentSeconds'>,
): SilentPart[] {
  const seconds = Math.min(silentSeconds, targetSilentSeconds)
  return seconds >= TOLD_AFTER_SECONDS ? [{ from: 'target', seconds }] : []
}

function isConnectionReason(reason: FailureReason): boolean {
  return connectionReasons.includes(reason)
}

function latestOf(rows: ErrorRow[]): ErrorRow | undefined {
  return rows.toSorted((a, b) => b.lastMs - a.lastMs)[0]
}
