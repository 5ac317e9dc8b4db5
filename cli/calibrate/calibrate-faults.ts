import { checkFaults, type FaultsGroup, isCalibrated } from '../../calibration/faults/faults-check.ts'
import { faultsCheckMarkdown, groupLines } from '../../calibration/faults/faults-check-markdown.ts'
import { systemClock } from '../../core/clock.ts'
import { withEmbeddedTarget } from '../target/embedded-target.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { MarkedDocument } from './marked-document.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { untilInterrupted } from './until-interrupted.ts'

export interface CalibrateFaultsOptions {
  seed: number
  short?: true
  /** File whose text between the calibration markers is replaced by the result. */
  write?: string
}

/** @returns the exit code. @throws InputError */
export async function calibrateFaults(
  { seed, short, write }: CalibrateFaultsOptions,
  version: string,
  interrupts: Interrupts,
): Promise<number> {
  const document = write === undefined ? undefined : new MarkedDocument(write)
  const check = await untilInterrupted(interrupts, {
    part: 'group',
    linesOf: (parts: readonly FaultsGroup[]) => groupLines(parts),
    measure: (stop, keep) =>
      checkFaults({
        clock: systemClock,
        seed,
        version,
        size: short ? 'short' : 'full',
        onStep: step => process.stderr.write(`${step} …\n`),
        onGroup: keep,
        stop,
        withTarget: (settings, use) => withEmbeddedTarget({ ...settings, seed: String(seed) }, use, stop),
      }),
  })
  const markdown = faultsCheckMarkdown(check, seed)
  process.stdout.write(`${markdown}\n`)
  document?.write(markdown)
  return isCalibrated(check) ? exitCodes.ok : exitCodes.invalidRun
}
