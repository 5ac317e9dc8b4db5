import type { Clock } from '../../core/clock.ts'
import type { Link } from '../bus/link.ts'
import type { DrivenPhase, ToCoordinator, ToWorker } from '../coordination/messages.ts'

/** A worker's part of beginning the arrivals of a load at the same moment as all other workers. */
export class CommonStart {
  readonly #link: Pick<Link<ToCoordinator, ToWorker>, 'send'>
  readonly #clock: Clock
  readonly #waiting = new Map<string, (startsAt: number) => void>()

  constructor(link: Pick<Link<ToCoordinator, ToWorker>, 'send'>, clock: Clock) {
    this.#link = link
    this.#clock = clock
  }

  /** Tells the coordinator that the users of a load have begun. Resolves with the monotonic time at which its arrivals begin. */
  agree(phase: DrivenPhase, load: number): Promise<number> {
    return new Promise(resolve => {
      this.#waiting.set(`${phase} ${load}`, resolve)
      this.#link.send({ kind: 'begun', phase, load })
    })
  }

  hear({ phase, load, at }: Extract<ToWorker, { kind: 'go' }>): void {
    this.#waiting.get(`${phase} ${load}`)?.(this.#clock.now() + (at - this.#clock.wallTime()))
  }
}
