import type { FastifyReply } from 'fastify'
import { parseDistribution } from '../../core/distributions/parse.ts'
import type { Clock } from '../../core/clock.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import type { Random } from '../../core/random.ts'
import { derive, type Live, type Settings } from '../configuration/settings.ts'

/** Delays a request for a token by `auth.issueCost`, for good and bad credentials alike. */
export class IssueCost {
  readonly #clock: Clock
  readonly #random: Random
  readonly #cost: Live<Distribution>
  #ordinal = 0

  constructor(settings: Settings, clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random.fork('issue-cost')
    this.#cost = derive(settings, ({ auth }) => parseDistribution(auth.issueCost))
  }

  /** Answers after the delay; at once without one, and not at all if the client has left. */
  before(reply: FastifyReply, answer: () => FastifyReply): FastifyReply | Promise<FastifyReply> {
    const ordinal = this.#ordinal++
    const { current: cost } = this.#cost
    const delayMs = cost.meanMs === 0 ? 0 : cost.sample(this.#random.fork(ordinal), ordinal)
    return delayMs === 0 ? answer() : this.#after(delayMs, reply, answer)
  }

  async #after(delayMs: number, reply: FastifyReply, answer: () => FastifyReply): Promise<FastifyReply> {
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    await this.#clock.sleep(delayMs, gone.signal)
    return gone.signal.aborted ? reply.hijack() : answer()
  }
}
