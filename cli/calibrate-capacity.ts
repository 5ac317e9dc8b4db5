import { checkCapacity, isCapacityCalibrated } from '../calibration/capacity/capacity-check.ts'
import { capacityCheckMarkdown } from '../calibration/capacity/capacity-check-markdown.ts'
import type { QueueName } from '../calibration/capacity/queue-names.ts'
import { systemClock } from '../core/clock.ts'
import { exitCodes } from '../harness/results/exit-codes.ts'
import { startEmbeddedTarget } from './embedded-target.ts'

export interface CalibrateCapacityOptions {
  seed: number
  short?: true
  /** Names of the queues; none: all. */
  queue: QueueName[]
}

/** @returns the exit code. */
export async function calibrateCapacity(
  { seed, short, queue }: CalibrateCapacityOptions,
  version: string,
): Promise<number> {
  const check = await checkCapacity({
    clock: systemClock,
    seed,
    version,
    size: short ? 'short' : 'full',
    ...(queue.length > 0 && { models: queue }),
    onStep: step => process.stderr.write(`${step} …\n`),
    async withTarget(use) {
      const target = await startEmbeddedTarget({ seed: String(seed) })
      try {
        return await use(target.url)
      } finally {
        await target.stop()
      }
    },
  })
  process.stdout.write(`${capacityCheckMarkdown(check)}\n`)
  return isCapacityCalibrated(check) ? exitCodes.ok : exitCodes.invalidRun
}
