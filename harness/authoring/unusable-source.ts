/** A document or recording from which no scenario can be written. The message holds nothing of its content but names and places. */
export class UnusableSource extends Error {
  /** Advice on what to do. */
  readonly nextStep: string | undefined

  constructor(message: string, nextStep?: string) {
    super(message)
    this.nextStep = nextStep
  }
}
