/** Resolves after timers and sockets had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}

/** Most steps within one turn of the event loop. */
const MOST_STEPS_A_TURN = 64

/**
 * Keeps work that never waits from starving the event loop. It is shared by all such work, and costs one increment a step and
 * one immediate a turn.
 */
export class TurnBudget {
  readonly #most: number
  #steps = 0
  #turn: Promise<void> | undefined

  constructor(most: number = MOST_STEPS_A_TURN) {
    this.#most = most
  }

  /** Returns undefined while the turn has room for another step, else a promise of the next turn. */
  take(): Promise<void> | undefined {
    this.#turn ??= nextTurn().then(() => {
      this.#steps = 0
      this.#turn = undefined
    })
    this.#steps += 1
    return this.#steps > this.#most ? this.#turn : undefined
  }
}
