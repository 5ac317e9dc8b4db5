/** What the user gave cannot be used. The message says what is wrong, `nextStep` what to do. */
export class InputError extends Error {
  readonly nextStep: string | undefined

  constructor(message: string, nextStep?: string) {
    super(message)
    this.nextStep = nextStep
  }
}
