import { erlangC } from './erlang.ts'
import { offeredLoad, type Traffic, utilisation } from './traffic.ts'

/**
 * The mean time in the queue, service not counted, where it has no limit; infinite from a utilisation of 1 on. `variation`
 * is the squared coefficient of variation, variance ÷ mean²: 0 when all are the same, 1 of an exponential distribution.
 */

/** M/M/c, by Erlang's C. */
export function meanWaitMarkovian(traffic: Traffic): number {
  const { meanService, servers } = traffic
  const load = offeredLoad(traffic)
  return load >= servers ? Number.POSITIVE_INFINITY : (erlangC(servers, load) * meanService) / (servers - load)
}

/** M/G/1, exact, by Pollaczek (1930) and Khinchine (1932); at a variation of 0 it is M/D/1. */
export function meanWaitOfOneServer(traffic: Omit<Traffic, 'servers'>, serviceVariation: number): number {
  const busy = offeredLoad({ ...traffic, servers: 1 })
  if (busy >= 1) return Number.POSITIVE_INFINITY
  return (busy * traffic.meanService * (1 + serviceVariation)) / (2 * (1 - busy))
}

/**
 * G/G/c, the approximation that goes by the names of A. O. Allen and J. Cunneen: that of M/M/c by the mean of both variations. It is exact for M/M/c and M/G/1, and good to some per cent at high load.
 */
export function meanWaitApproximately(traffic: Traffic, arrivalVariation: number, serviceVariation: number): number {
  if (utilisation(traffic) >= 1) return Number.POSITIVE_INFINITY
  return (meanWaitMarkovian(traffic) * (arrivalVariation + serviceVariation)) / 2
}
