import { checkCapacity, isCapacityCalibrated } from '../../calibration/capacity/capacity-check.ts'
import { capacityCheckMarkdown, searchLines } from '../../calibration/capacity/capacity-check-markdown.ts'
import type { SimulatedSearches } from '../../calibration/capacity/simulated-search.ts'
import type { RealSearch } from '../../calibration/capacity/target-search.ts'
import type { QueueName } from '../../calibration/capacity/queue-names.ts'
import { systemClock } from '../../core/clock.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { withEmbeddedTarget } from '../target/embedded-target.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { MarkedDocument } from './marked-document.ts'
import { untilInterrupted } from './until-interrupted.ts'

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
  interrupts: Interrupts,
): Promise<number> {
  const document = write === undefined ? undefined : new MarkedDocument(write)
  const check = await untilInterrupted(interrupts, {
    part: 'queue',
    linesOf: (parts: readonly (SimulatedSearches | RealSearch)[]) =>
      searchLines(
        parts.filter(part => 'ours' in part),
        parts.filter(part => 'probes' in part),
      ),
    measure: (stop, keep) =>
      checkCapacity({
        clock: systemClock,
        seed,
        version,
        size: short ? 'short' : 'full',
        ...(queue.length > 0 && { models: queue }),
        onStep: step => process.stderr.write(`${step} …\n`),
        onSearched: keep,
        stop,
        withTarget: use => withEmbeddedTarget({ seed: String(seed) }, use, stop),
      }),
  })
  const markdown = capacityCheckMarkdown(check)
  process.stdout.write(`${markdown}\n`)
  document?.write(markdown)
  return isCapacityCalibrated(check) ? exitCodes.ok : exitCodes.invalidRun
}
