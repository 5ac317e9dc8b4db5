/**
 * Yields the kind of each user (or arrival) by shares. Among the first n of any n, the number of each kind differs from its exact
 * share by less than one. The sequence is deterministic, so that a few users are as well mixed as many.
 *
 * This is Tijdeman's solution of the chairman assignment problem (1980): of the kinds that are due, it takes the one with the
 * nearest deadline.
 */
export function* kindSequence(shares: readonly number[]): Generator<number, never> {
  const sum = shares.reduce((total, share) => total + share, 0)
  const rates = shares.map(share => share / sum)
  const given = shares.map(() => 0)
  const slack = shares.length === 1 ? 0 : 1 / (2 * shares.length - 2)
  for (let place = 1; ; place++) {
    let chosen = -1
    let nearestDeadline = Number.POSITIVE_INFINITY
    for (const [kind, rate] of rates.entries()) {
      const count = given[kind] as number
      if (rate * place - count < slack - TOLERANCE) continue
      const deadline = (count + 1 - slack) / rate
      if (deadline < nearestDeadline) {
        nearestDeadline = deadline
        chosen = kind
      }
    }
    given[chosen] = (given[chosen] as number) + 1
    yield chosen
  }
}

/** Shares such as 1/3 are not exact in binary. At a tie, the kind must still count as due. */
const TOLERANCE = 1e-9
