import { systemClock } from '../../core/clock.ts'
import { watched } from '../../labs/progress.ts'
import type { LabRunner } from '../../labs/session.ts'
import { withEmbeddedTarget } from '../target/embedded-target.ts'

/**
 * Returns what runs labs: each run has a target of its own, so that neither earlier runs nor other labs change its numbers. The same
 * seed gives a whole class the same run.
 * @param stop ends every run with its reason
 */
export function labRunner(seed: number, version: string, stop: AbortSignal): LabRunner {
  return (lab, settings, watch) => {
    const either = AbortSignal.any([stop, watch.stop])
    return withEmbeddedTarget(
      { seed: String(seed) },
      targetUrl => {
        const bench = { targetUrl, clock: systemClock, seed, version, stop: either }
        return lab.run(watched(bench, watch.tell, watch.doubt), settings)
      },
      either,
    )
  }
}
