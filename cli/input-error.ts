import { exitCodes } from './exit-codes.ts'

/** What the user gave cannot be used. The message says what is wrong, `nextStep` what to do. */
export class InputError extends Error {
  readonly nextStep: string | undefined
  readonly exitCode: number

  constructor(message: string, nextStep?: string, exitCode: number = exitCodes.badInput) {
    super(message)
    this.nextStep = nextStep
    this.exitCode = exitCode
  }
}
