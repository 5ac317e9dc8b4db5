import { checkFaults, isCalibrated } from '../calibration/faults/faults-check.ts'
import { faultsCheckMarkdown } from '../calibration/faults/faults-check-markdown.ts'
import { systemClock } from '../core/clock.ts'
import { startEmbeddedTarget } from './embedded-target.ts'
import { MarkedDocument } from './marked-document.ts'
import { exitCodes } from '../harness/results/exit-codes.ts'

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
): Promise<number> {
  const document = write === undefined ? undefined : new MarkedDocument(write)
  const check = await checkFaults({
    clock: systemClock,
    seed,
    version,
    size: short ? 'short' : 'full',
    onStep: step => process.stderr.write(`${step} …\n`),
    async withTarget(settings, use) {
      const target = await startEmbeddedTarget({ ...settings, seed: String(seed) })
      try {
        return await use(target.url)
      } finally {
        await target.stop()
      }
    },
  })
  const markdown = faultsCheckMarkdown(check, seed)
  process.stdout.write(`${markdown}\n`)
  document?.write(markdown)
  return isCalibrated(check) ? exitCodes.ok : exitCodes.invalidRun
}
