import { hash } from 'node:crypto'
import { formatTraceparent, TRACE_HEADER } from '../../../contract/trace.ts'

/** Digits of an id that a consistent sampler compares: the last 56 bits, which Trace Context Level 2 calls random. */
const SAMPLED_DIGITS = 14

/**
 * Names each request with a `traceparent`. The first half of its trace id belongs to the run, so that two runs never share one.
 * The rest follows from the request's key, and so from the seed: it is the same in every run with that seed.
 */
export class Tracer {
  readonly #run: string
  /** Ids at or above it are sampled. */
  readonly #sampledFrom: number

  /** @param share of the traces that the flag asks to keep, 0…1 */
  constructor(runId: string, share: number) {
    this.#run = hash('sha256', runId, 'hex').slice(0, 16)
    this.#sampledFrom = Math.round((1 - share) * 16 ** SAMPLED_DIGITS)
  }

  /** Returns the header of a request with this key, which no other request of the run has. */
  headers(key: string): Record<string, string> {
    const digest = hash('sha256', key, 'hex')
    const own = digest.slice(0, 16)
    const sampled = Number.parseInt(own.slice(-SAMPLED_DIGITS), 16) >= this.#sampledFrom
    return { [TRACE_HEADER]: formatTraceparent({ trace: this.#run + own, parent: digest.slice(16, 32), sampled }) }
  }
}
