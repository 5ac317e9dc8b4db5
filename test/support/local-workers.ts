import { systemClock } from '../../core/clock.ts'
import { inProcessLink } from '../../harness/bus/in-process-link.ts'
import type { Recruit } from '../../harness/coordination/member.ts'
import type { ToCoordinator, ToWorker } from '../../harness/coordination/messages.ts'
import type { Plan } from '../../harness/plan/plan.ts'
import type { RunOptions } from '../../harness/run/run.ts'
import { Uncaught } from '../../harness/run/uncaught.ts'
import { work } from '../../harness/run/worker.ts'

/** Returns workers of a run in this process, for the options of a run. */
export function localWorkers(plan: Plan, count: number): Required<Pick<RunOptions, 'workers'>> {
  const recruits = Array.from({ length: count }, (): Recruit => {
    const [link, ofWorker] = inProcessLink<ToWorker, ToCoordinator>()
    const uncaught = new Uncaught()
    void work(ofWorker, { clock: systemClock, version: '0.0.0', uncaught, planOf: () => plan }).finally(() =>
      uncaught.close(),
    )
    return { link, leadMs: 20 }
  })
  return { workers: { recruits, job: undefined } }
}
