import type { Clock } from '../../core/clock.ts'
import type { CrewMember } from './member.ts'
import type { ToCoordinator } from './messages.ts'

const ANSWERS = 5
/** Some may go unanswered while a bus between them starts again. */
const MOST_QUESTIONS = 12
const ANSWERED_WITHIN_MS = 1000

/** Measures how far the clocks of workers are ahead of the coordinator's: of some answers, the quickest says it best. */
export class ClockComparison {
  readonly #clock: Clock
  readonly #asked = new Map<number, (wallTime: number) => void>()
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Sets the offset of a member and its uncertainty. One that does not answer has none. */
  async measure(member: CrewMember): Promise<void> {
    let bestMs = Number.POSITIVE_INFINITY
    for (let question = 0, answers = 0; question < MOST_QUESTIONS && answers < ANSWERS; question++) {
      if (member.lost !== undefined) return
      const askedAt = this.#clock.now()
      const wallTime = await this.#ask(member)
      if (wallTime === undefined) continue
      answers += 1
      const tookMs = this.#clock.now() - askedAt
      if (tookMs >= bestMs) continue
      bestMs = tookMs
      member.clockUncertaintyMs = tookMs / 2
      member.clockOffsetMs = wallTime - (this.#clock.wallTime() - tookMs / 2)
    }
  }

  hear({ id, wallTime }: Pick<Extract<ToCoordinator, { kind: 'pong' }>, 'id' | 'wallTime'>): void {
    this.#asked.get(id)?.(wallTime)
  }

  async #ask({ recruit }: CrewMember): Promise<number | undefined> {
    const id = ++this.#lastId
    const over = new AbortController()
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    this.#asked.set(id, resolve)
    recruit.link.send({ kind: 'ping', id })
    const late = this.#clock.sleep(ANSWERED_WITHIN_MS, over.signal).then(() => undefined)
    const wallTime = await Promise.race([promise, late])
    over.abort()
    this.#asked.delete(id)
    return wallTime
  }
}
