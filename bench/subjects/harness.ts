/**
 * The harness as a scenario drives it: each iteration sends a GET and checks the answer, and everything is measured as always. The argument
 * names the engine.
 */
import { systemClock } from '../../core/clock.ts'
import { createPlan } from '../../harness/plan/plan.ts'
import { run } from '../../harness/run/run.ts'
import { scenario, user } from '../../harness/scenario.ts'
import type { EngineName } from '../../harness/client/engine/engine-names.ts'
import { serveLoad, timed } from '../load.ts'
import { childArgument } from '../process.ts'

const SEED = 1

serveLoad(({ url, connections, rate, seconds }) => {
  const { origin, pathname } = new URL(url)
  const duration = seconds * 1000
  const definition = scenario({
    load:
      rate === undefined
        ? { executor: 'constant-vus', vus: connections, duration }
        : { executor: 'constant-arrival-rate', rate, duration },
    users: [
      user('reader', {
        async iterate({ http, check }) {
          check(await http.get(pathname), { 'is answered': ({ status }) => status === 200 })
        },
      }),
    ],
    // The bench has warm-up rounds of its own, and measures all the CPU time of a run.
    warmup: 0,
  })
  const plan = createPlan(definition, 'bench', {
    seed: SEED,
    tags: {},
    engine: (childArgument() ?? undefined) as EngineName | undefined,
  })
  return timed(async () => {
    const { totals, outcome } = await run(plan, {
      clock: systemClock,
      signal: new AbortController().signal,
      kill: new AbortController().signal,
      targetUrl: origin,
      embedded: false,
      version: 'bench',
    })
    if (outcome.state !== 'completed') throw new Error(`the run was ${outcome.state}: ${outcome.detail}`)
    return { requests: totals.requests, failed: totals.failedRequests + totals.droppedIterations }
  })
})
