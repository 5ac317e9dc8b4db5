import { erlangC, offeredLoad, type Traffic, utilisation } from './queueing.ts'

/**
 * Share of the visits to M/M/c (first come, first served) that stay longer than this, wait and service together. Those that wait do so for
 * an exponential time with the rate of the spare capacity. It is 1 from a utilisation of 1 on.
 */
export function slowShareMarkovian(traffic: Traffic, stay: number): number {
  const { arrivalRate, meanService, servers } = traffic
  if (utilisation(traffic) >= 1) return 1
  const serviceRate = 1 / meanService
  const waiting = erlangC(servers, offeredLoad(traffic))
  const spare = servers * serviceRate - arrivalRate
  const served = Math.exp(-serviceRate * stay)
  const afterWait =
    Math.abs(spare - serviceRate) < 1e-9 * serviceRate
      ? (1 + serviceRate * stay) * served
      : (spare * served - serviceRate * Math.exp(-spare * stay)) / (spare - serviceRate)
  return (1 - waiting) * served + waiting * afterWait
}

/** In services. Beyond, the alternating sum would lose its digits, and the asymptote has them all. */
const LONGEST_SUM = 12

/**
 * Share of the visits to M/D/1 that stay longer than this: by Erlang's alternating sum (1909) for short waits, and by the asymptote of
 * Cramér and Lundberg for long ones. It is 1 from a utilisation of 1 on.
 */
export function slowShareOfEvenServer(traffic: Omit<Traffic, 'servers'>, stay: number): number {
  const busy = offeredLoad({ ...traffic, servers: 1 })
  if (busy >= 1) return 1
  /** Wait in services. */
  const wait = stay / traffic.meanService - 1
  if (wait < 0) return 1
  if (wait >= LONGEST_SUM) return asymptote(busy, wait)
  let within = 0
  let factorial = 1
  for (let ordinal = 0; ordinal <= wait; ordinal++) {
    if (ordinal > 0) factorial *= ordinal
    const exponent = busy * (wait - ordinal)
    within += ((-exponent) ** ordinal / factorial) * Math.exp(exponent)
  }
  return Math.max(0, 1 - (1 - busy) * within)
}

function asymptote(busy: number, wait: number): number {
  // The decay solves busy · (e^decay − 1) = decay.
  let [low, high] = [0, 1]
  const excess = (decay: number) => busy * Math.expm1(decay) - decay
  while (excess(high) < 0) high *= 2
  // Zero is a solution too, and the other one lies above the minimum of the difference.
  low = -Math.log(busy)
  for (let halving = 0; halving < 100; halving++) {
    const middle = (low + high) / 2
    if (excess(middle) < 0) low = middle
    else high = middle
  }
  return ((1 - busy) / (busy * Math.exp(low) - 1)) * Math.exp(-low * wait)
}
