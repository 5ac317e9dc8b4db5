/**
 * Which kind each user (or arrival) is of, in order, by shares: of any first n, the number of each kind is within one of
 * its exact share. Deterministic, so that a few users are as well mixed as many.
 *
 * This is Tijdeman's solution of the chairman assignment problem (1980): among the kinds that are due one, the one whose
 * deadline is nearest.
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

/** Shares such as 1/3 are not exact in binary: at a tie the kind must still count as due. */
const TOLERANCE = 1e-9
