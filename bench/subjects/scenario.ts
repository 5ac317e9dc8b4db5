import { systemClock } from '../../core/clock.ts'
import { createPlan } from '../../harness/plan/plan.ts'
import { run } from '../../harness/run/run.ts'
import { type Load, scenario, user } from '../../harness/scenario.ts'
import { elapsed } from '../load.ts'
import type { LoadReading } from '../load-order.ts'

const SEED = 1

/** Runs one GET and one check an iteration, with everything measured and reported that always is. */
export async function driveScenario(url: string, load: Load): Promise<LoadReading> {
  const { origin, pathname } = new URL(url)
  const definition = scenario({
    load,
    users: [
      user('reader', {
        async iterate({ http, check }) {
          check(await http.get(pathname), { 'is answered': ({ status }) => status === 200 })
        },
      }),
    ],
    // The bench warms up by rounds, and measures all the CPU time that a run takes.
    warmup: 0,
  })
  const plan = createPlan(definition, 'bench', { seed: SEED, tags: {} })
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const { totals, outcome } = await run(plan, {
    clock: systemClock,
    signal: new AbortController().signal,
    kill: new AbortController().signal,
    targetUrl: origin,
    embedded: false,
    version: 'bench',
  })
  if (outcome.state !== 'completed') throw new Error(`the run was ${outcome.state}: ${outcome.detail}`)
  const failed = totals.failedRequests + totals.droppedIterations
  return { requests: totals.requests, failed, ...elapsed(startedAt, cpuBefore) }
}
