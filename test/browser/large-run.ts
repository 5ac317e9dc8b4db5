import type { RunBreakdown } from '../../harness/results/run-breakdown.ts'
import type { NameRow, RunResult } from '../../harness/results/run-result.ts'
import { breakdownOf } from '../unit/harness/report/breakdown-fixture.ts'
import { failedRun, second } from '../unit/harness/report/fixture.ts'

const NAMES = 200
const SECONDS = 3600
/** Length of a step with so many names and seconds. */
const STEP_SECONDS = 32

/** A run of an hour with 200 names. */
export function largeRun(): RunResult {
  const run = failedRun()
  const point = (index: number) => ({ ...second(Math.floor((index / SECONDS) * 40)), atMs: (index + 1) * 1000 })
  const names: NameRow[] = Array.from({ length: NAMES }, (_, index) => ({
    ...run.names[0]!,
    name: `/v1/resources-${index}/{id}/details`,
    method: 'GET',
    requests: 14_210 - 60 * index,
  }))
  const timeline = Array.from({ length: SECONDS }, (_, index) => point(index))
  const steps = Array.from({ length: Math.floor(SECONDS / STEP_SECONDS) }, (_, index) =>
    point((index + 1) * STEP_SECONDS - 1),
  )
  const heat = Array.from({ length: SECONDS / 15 }, (_, index) => point((index + 1) * 15 - 1))
  const breakdown: RunBreakdown = {
    ...breakdownOf(timeline, { names: [], users: run.users }),
    names: breakdownOf(steps, { names, users: [] }).names,
    heat: breakdownOf(heat, { names: [], users: [] }).heat,
  }
  const server = {
    ...run.server,
    series: run.server.series.map(series => ({ ...series, values: timeline.map((_, at) => at % 9) })),
  }
  return { ...run, names, timeline, breakdown, server }
}
