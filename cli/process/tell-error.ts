import { CommanderError } from 'commander'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError } from './input-error.ts'
import { isLostFolder, lostFolder } from './working-directory.ts'

/** Prints the error, unless Commander has printed it already. @returns the exit code */
export function tellError(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.badInput
  const error = isLostFolder(thrown) ? lostFolder() : thrown
  if (error instanceof InputError) {
    process.stderr.write(`loadcell: ${error.message}\n`)
    if (error.nextStep !== undefined) process.stderr.write(`  ${error.nextStep}\n`)
    return error.exitCode
  }
  process.stderr.write(
    `loadcell: internal error, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  )
  return exitCodes.internal
}
