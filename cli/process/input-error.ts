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
