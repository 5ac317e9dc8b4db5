import { userSteps } from './closed.ts'
import { Crew } from './crew.ts'
import type { Executor } from './floor.ts'
import { plannedMsOf, type RampingVus } from './plan.ts'

/** Users come and go along straight lines; the youngest go first. */
export const rampingVus: Executor<RampingVus> = async (load, floor) => {
  const { clock, stopping } = floor
  const crew = new Crew(floor)
  const startedAt = clock.now()
  for (const { atMs, users } of userSteps(load.startVUs, load.stages)) {
    await sleepUntil(startedAt + atMs)
    if (stopping.aborted) break
    crew.shrink(users, load.gracefulRampDownMs)
    crew.grow(users, () => true)
  }
  await sleepUntil(startedAt + plannedMsOf(load))
  await crew.dismiss(load.gracefulStopMs)

  async function sleepUntil(at: number): Promise<void> {
    const delayMs = at - clock.now()
    if (delayMs > 0) await clock.sleep(delayMs, stopping)
  }
}
