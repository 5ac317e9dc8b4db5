/** Thrown to unwind an interrupted scenario. */
export class Interrupted extends Error {
  constructor() {
    super('the run has ended')
  }
}
