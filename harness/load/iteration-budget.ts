import type { Crew } from './crew.ts'
import type { Floor } from './floor.ts'
import type { IterationBudget } from './plan.ts'

/** Waits until the crew has run out of iterations, or of time. */
export async function runToTheEnd(crew: Crew, load: IterationBudget, floor: Floor): Promise<void> {
  const finished = new AbortController()
  void crew.finished().then(() => finished.abort())
  await floor.clock.sleep(load.maxDurationMs, AbortSignal.any([finished.signal, floor.stopping]))
  await crew.dismiss(load.gracefulStopMs)
}
