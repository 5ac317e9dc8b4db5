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

/** Returns the error for a working directory that was removed. @param path what was to be found there */
export function lostFolder(path?: string): InputError {
  return path === undefined
    ? new InputError('the working directory no longer exists', 'Change to another directory.')
    : new InputError(
        `${path} cannot be found, because the working directory no longer exists`,
        'Change to another directory, or give a path that begins with /.',
      )
}

/** Tells whether Node could not say what the working directory is. */
function isLostFolder(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd'
}
