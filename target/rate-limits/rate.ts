/** How fast tokens come back, and how many a bucket holds. */
export interface RateLimit {
  requests: number
  perMs: number
  burst: number
}

/**
 * A rate in whole numbers: a microsecond brings `unitsPerMicrosecond`, a token is worth `tokenUnits`. Adding whole numbers
 * is exact, so no request is ever won or lost by rounding while `burst` tokens are under 2^53 units; past it a bucket is
 * as exact as a double.
 */
export class Rate {
  readonly tokenUnits: number
  readonly unitsPerMicrosecond: number
  readonly capacityUnits: number

  constructor({ requests, perMs, burst }: RateLimit) {
    const perMicroseconds = Math.max(1, Math.round(perMs * 1000))
    const divisor = greatestCommonDivisor(requests, perMicroseconds)
    this.tokenUnits = perMicroseconds / divisor
    this.unitsPerMicrosecond = requests / divisor
    this.capacityUnits = burst * this.tokenUnits
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
