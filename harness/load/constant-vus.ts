import { Crew } from './crew.ts'
import type { Executor } from './floor.ts'
import type { ConstantVus } from './plan.ts'

/** The same number of users from beginning to end. */
export const constantVus: Executor<ConstantVus> = async ({ vus, durationMs, gracefulStopMs }, floor) => {
  const crew = new Crew(floor)
  crew.grow(vus, () => true)
  await floor.clock.sleep(durationMs, floor.stopping)
  await crew.dismiss(gracefulStopMs)
}
