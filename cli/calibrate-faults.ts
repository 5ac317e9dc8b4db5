import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { checkFaults, isCalibrated } from '../calibration/faults/faults-check.ts'
import { faultsCheckMarkdown, withCalibration } from '../calibration/faults/faults-check-markdown.ts'
import { systemClock } from '../core/clock.ts'
import { startEmbeddedTarget } from './embedded-target.ts'
import { exitCodes } from '../harness/results/exit-codes.ts'
import { InputError } from './input-error.ts'

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
  const document = write === undefined ? undefined : read(write)
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
  if (write !== undefined) writeFileSync(write, withCalibration(document!, markdown))
  return isCalibrated(check) ? exitCodes.ok : exitCodes.invalidRun
}

/** Reads the document before the calibration, which takes minutes. @throws InputError when the result could not be written to it. */
function read(file: string): string {
  if (!existsSync(file)) throw new InputError(`there is no file ${file}`)
  const document = readFileSync(file, 'utf8')
  try {
    withCalibration(document, '')
  } catch (error) {
    throw new InputError(`${file} cannot be written to: ${(error as Error).message}`)
  }
  return document
}
