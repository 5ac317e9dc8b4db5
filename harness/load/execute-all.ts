import { execute } from './execute.ts'
import type { Execution } from './execution.ts'
import type { RunLoad } from './run-load.ts'
import { untilReached } from './until-reached.ts'

/** Runs each load from its start time on. Resolves when all have ended. @param startedAt start of the run */
export async function executeAll(
  loads: readonly { load: RunLoad; execution: Execution }[],
  startedAt: number,
): Promise<void> {
  await Promise.all(
    loads.map(async ({ load: { startMs, load }, execution }) => {
      const { clock, stopping } = execution
      if (startMs > 0) await untilReached(startMs, startedAt, execution)
      // A load whose time never came has no users to start.
      if (startMs === 0 || !stopping.aborted) await execute(load, execution)
      execution.tally.end(clock.now())
    }),
  )
}
