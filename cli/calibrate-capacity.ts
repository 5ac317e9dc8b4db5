import { checkCapacity, isCapacityCalibrated } from '../calibration/capacity/capacity-check.ts'
import { capacityCheckMarkdown } from '../calibration/capacity/capacity-check-markdown.ts'
import type { QueueName } from '../calibration/capacity/queue-names.ts'
import { systemClock } from '../core/clock.ts'
import { exitCodes } from '../harness/results/exit-codes.ts'
import { startEmbeddedTarget } from './embedded-target.ts'
import { MarkedDocument } from './marked-document.ts'

export interface CalibrateCapacityOptions {
  seed: number
  short?: true
  /** Names of the queues; none: all. */
  queue: QueueName[]
  /** File whose text between the calibration markers is replaced by the result. */
  write?: string
}

/** @returns the exit code. @throws InputError */
export async function calibrateCapacity(
  { seed, short, queue, write }: CalibrateCapacityOptions,
  version: string,
): Promise<number> {
  const document = write === undefined ? undefined : new MarkedDocument(write)
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
  const markdown = capacityCheckMarkdown(check)
  process.stdout.write(`${markdown}\n`)
  document?.write(markdown)
  return isCapacityCalibrated(check) ? exitCodes.ok : exitCodes.invalidRun
}
