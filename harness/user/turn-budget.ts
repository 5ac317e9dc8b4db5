/** Resolves in the next turn of the event loop, after timers and sockets. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}

/** Maximum number of steps within one turn of the event loop. */
const MOST_STEPS_A_TURN = 64

/**
 * Keeps work that never waits from starving the event loop. All such work shares it. It costs one increment for each step and
 * one immediate for each turn.
 */
export class TurnBudget {
  readonly #most: number
  #steps = 0
  #turn: Promise<void> | undefined

  constructor(most: number = MOST_STEPS_A_TURN) {
    this.#most = most
  }

  /** Takes a step. Returns a promise of the next turn if this turn had no room for it, else undefined. */
  take(): Promise<void> | undefined {
    this.#turn ??= nextTurn().then(() => {
      this.#steps = 0
      this.#turn = undefined
    })
    this.#steps += 1
    return this.#steps > this.#most ? this.#turn : undefined
  }
}
