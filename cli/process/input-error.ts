import { CommanderError } from 'commander'
import { exitCodes } from '../../harness/results/exit-codes.ts'

/** Input that cannot be used. The message says what is wrong, `nextStep` what to do. */
export class InputError extends Error {
  readonly nextStep: string | undefined
  readonly exitCode: number

  constructor(message: string, nextStep?: string, exitCode: number = exitCodes.badInput) {
    super(message)
    this.nextStep = nextStep
    this.exitCode = exitCode
  }
}

/** Returns the error for several things that are wrong, a line each. */
export function listedError(what: string, lines: readonly string[], nextStep?: string): InputError {
  return new InputError(`${what}:\n${lines.map(line => `  ${line}`).join('\n')}`, nextStep)
}

/** Prints the error, unless Commander has printed it already. @returns the exit code */
export function tellError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput
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
