import { pausedMsOfAll } from '../load/steered-times.ts'
import type { LoadChange } from '../load/load-course.ts'
import type { Phases } from '../metrics/phases.ts'
import type { Plan } from '../plan/plan.ts'
import { timesOfLoads } from '../results/load-times.ts'
import { judge, selectorOf } from '../thresholds/judge.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import type { Gathered } from './gathered.ts'

/** Returns the verdict on each threshold, by what was measured until now. */
export function judgeAll(
  plan: Plan,
  { gathered, phases, changes }: { gathered: Gathered; phases: Phases | undefined; changes: readonly LoadChange[] },
  elapsedMs: number,
): ThresholdVerdict[] {
  const { startedAt, measurements } = gathered
  const { snapshot, seconds } = measurements
  const times = timesOfLoads(plan.loads, seconds, elapsedMs, changes)
  const ofAll = { fromMs: 0, toMs: elapsedMs, pausedMs: pausedMsOfAll(plan.loads, changes, elapsedMs) }
  return plan.thresholds.map(threshold => {
    const { phase, load = '' } = selectorOf(threshold, snapshot)
    const { fromMs, toMs, pausedMs } = times.get(load) ?? ofAll
    const countedMs =
      phase === undefined
        ? toMs - fromMs - pausedMs
        : (phases?.lastedMs(phase, startedAt + fromMs, startedAt + toMs) ?? 0)
    return judge(threshold, snapshot, countedMs)
  })
}
