import type { LoadChange } from '../load/load-course.ts'
import type { Measurements } from '../metrics/measurements.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import type { TimestampError } from '../delivery/event-age.ts'
import type { Plan } from '../plan/plan.ts'
import type { TimestampCounts } from './circumstances.ts'
import { evidenceOfLoads } from './load-evidence.ts'
import type { RunOutcome, Validity } from './run-result.ts'
import { generatorOf, type TimelinePoint } from './timeline.ts'
import { judgeGenerator, WORKER_LIMITS } from './validity.ts'
import { workerFindings } from './worker-findings.ts'
import { type WorkerEvidence, workerRows } from './worker-rows.ts'

/** A run that is over, or one under way. */
export interface JudgedRun {
  plan: Plan
  measurements: Pick<Measurements, 'seconds' | 'snapshot'>
  /** One point for each second. */
  timeline: readonly TimelinePoint[]
  outcome: RunOutcome
  workers: readonly WorkerEvidence[]
  changes: readonly LoadChange[]
}

/** Judges whether the numbers of a run describe the target. Pure. */
export function validityOf({ plan, measurements, timeline, outcome, workers, changes }: JudgedRun): Validity {
  const { snapshot, seconds } = measurements
  return judgeGenerator({
    timeline,
    gcShares: seconds.map(second => generatorOf(second).gc),
    sendDelayP99Ms: snapshot.histogram('send_delay').percentile(99),
    errors: snapshot.errors.rows(),
    timestamps: timestampsOf(snapshot),
    workers: workerFindings(workerRows(workers, plan), seconds, WORKER_LIMITS),
    loads: evidenceOfLoads(plan.loads, { seconds, snapshot, outcome, changes }),
  })
}

function timestampsOf(snapshot: Snapshot): TimestampCounts {
  const errors = (reason: TimestampError) => snapshot.total('event_timestamp_errors', { reason })
  const units = ['seconds', 'microseconds', 'nanoseconds'] as const
  return {
    kept: snapshot.histogram('event_e2e_latency').count,
    ahead: errors('ahead'),
    // A field of this name that is not a time may mean something else to its server, so it does not count.
    inOtherUnits: Object.fromEntries(units.map(unit => [unit, errors(unit)] as const).filter(([, count]) => count > 0)),
  }
}
