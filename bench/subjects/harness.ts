/**
 * The harness as a scenario drives it: each iteration sends a GET and checks the answer, and everything is measured as always. The
 * argument names the engine, and may add `labelled`: then it does so in a group, with a tag, and records a metric of the scenario.
 */
import { systemClock } from '../../core/clock.ts'
import { createPlan } from '../../harness/plan/plan.ts'
import { run } from '../../harness/run/run.ts'
import { counter, scenario, user } from '../../harness/scenario.ts'
import type { EngineName } from '../../harness/client/engine/engine-names.ts'
import { serveLoad, timed } from '../processes/load.ts'
import { childArgument } from '../processes/process.ts'

const SEED = 1
/** The path that the server of the bench answers; each order names it. */
let path = '/'
const answered = counter('answered')
const [engine, extra] = (childArgument() as string).split(' ')
const isLabelled = extra === 'labelled'

const plain = user('reader', {
  async iterate({ http, check }) {
    check(await http.get(path), { 'is answered': ({ status }) => status === 200 })
  },
})
const labelled = user('reader', {
  iterate: ({ http, check, group, record }) =>
    group('read', async () => {
      const response = await http.get(path, { tags: { region: 'eu' } })
      check(response, { 'is answered': ({ status }) => status === 200 })
      record(answered, 1)
    }),
})

serveLoad(({ url, connections, rate, seconds }) => {
  const { origin, pathname } = new URL(url)
  path = pathname
  const duration = seconds * 1000
  const definition = scenario({
    load:
      rate === undefined
        ? { executor: 'constant-vus', vus: connections, duration }
        : { executor: 'constant-arrival-rate', rate, duration },
    ...(isLabelled ? { users: [labelled], metrics: [answered], tags: ['region'] } : { users: [plain] }),
    // The bench has warm-up rounds of its own, and measures all the CPU time of a run.
    warmup: 0,
  })
  const plan = createPlan(definition, 'bench', {
    seed: SEED,
    tags: {},
    engine: engine as EngineName,
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
