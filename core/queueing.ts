/** Load and servers of a queue. All times share one unit. */
export interface Traffic {
  /** Arrivals per unit of time. */
  arrivalRate: number
  meanService: number
  servers: number
}

/** Mean number of busy servers that the arrivals need, in erlang. */
export function offeredLoad({ arrivalRate, meanService }: Traffic): number {
  return arrivalRate * meanService
}

/** Offered load per server. From 1 on, an unlimited queue grows for ever. */
export function utilisation(traffic: Traffic): number {
  return offeredLoad(traffic) / traffic.servers
}

/**
 * Erlang's B formula (A. K. Erlang, 1917): the share of Poisson arrivals rejected when every server is busy and there is no
 * queue, M/G/c/c. `load` is in erlang.
 */
export function erlangB(servers: number, load: number): number {
  let blocked = 1
  // Recursion over the servers, because factorials of many servers overflow.
  for (let count = 1; count <= servers; count++) blocked = (load * blocked) / (count + load * blocked)
  return blocked
}

/** Erlang's C formula: the share of arrivals that must wait in an unlimited queue, M/M/c. It is 1 from a load of `servers` on. */
export function erlangC(servers: number, load: number): number {
  if (load >= servers) return 1
  const blocked = erlangB(servers, load)
  return blocked / (1 - (load / servers) * (1 - blocked))
}

/** Mean wait of M/M/c without the service time, by Erlang's C. Infinite from a utilisation of 1 on. */
export function meanWaitMarkovian(traffic: Traffic): number {
  const { meanService, servers } = traffic
  const load = offeredLoad(traffic)
  return load >= servers ? Number.POSITIVE_INFINITY : (erlangC(servers, load) * meanService) / (servers - load)
}

/**
 * Exact mean wait of M/G/1 by Pollaczek (1930) and Khinchine (1932). `serviceVariation` is the squared coefficient of
 * variation; 0 gives M/D/1.
 */
export function meanWaitOfOneServer(traffic: Omit<Traffic, 'servers'>, serviceVariation: number): number {
  const busy = offeredLoad({ ...traffic, servers: 1 })
  if (busy >= 1) return Number.POSITIVE_INFINITY
  return (busy * traffic.meanService * (1 + serviceVariation)) / (2 * (1 - busy))
}

/**
 * Approximate mean wait of G/G/c by A. O. Allen and J. Cunneen: that of M/M/c times the mean of both squared variations. It is
 * exact for M/M/c and M/G/1, and within some per cent at high load.
 */
export function meanWaitApproximately(traffic: Traffic, arrivalVariation: number, serviceVariation: number): number {
  if (utilisation(traffic) >= 1) return Number.POSITIVE_INFINITY
  return (meanWaitMarkovian(traffic) * (arrivalVariation + serviceVariation)) / 2
}

export interface FiniteQueue {
  /** Share of arrivals that are rejected. */
  loss: number
  /** Mean number of waiting requests. */
  meanQueue: number
  /** Mean wait of the accepted arrivals, including those served at once. */
  meanWait: number
}

/** Weights below this share of the largest one do not change a sum. */
const NEGLIGIBLE = 1e-18

/**
 * M/M/c/K with `queueLimit` = K − c places to wait, by summing its balance equations. It has a steady state at every load.
 */
export function finiteQueue(traffic: Traffic, queueLimit: number): FiniteQueue {
  const ratio = utilisation(traffic)
  const blocked = erlangB(traffic.servers, offeredLoad(traffic))
  // The probabilities of queue lengths form a geometric series. Summing from its largest term, in units of that term,
  // avoids overflow at any load and length.
  const falls = ratio <= 1
  const step = falls ? ratio : 1 / ratio
  let sum = 0
  let weightedSum = 0
  let weight = 1
  for (let rank = 0; rank < queueLimit && weight * queueLimit > NEGLIGIBLE; rank++) {
    if (falls) weight *= step
    sum += weight
    weightedSum += weight * (falls ? rank + 1 : queueLimit - rank)
    if (!falls) weight *= step
  }
  /** Weight of the state with all servers busy and an empty queue, in the same units. */
  const empty = falls ? 1 : step ** queueLimit
  const total = empty + blocked * sum
  const full = falls ? ratio ** queueLimit : 1
  const loss = (blocked * full) / total
  const meanQueue = (blocked * weightedSum) / total
  return { loss, meanQueue, meanWait: meanQueue / (traffic.arrivalRate * (1 - loss)) }
}

const POINTS = 4096
/** Draws have 32 bits, so a tail beyond this natural logarithm is never drawn. */
const DEPTH = 32 * Math.LN2

/**
 * Squared coefficient of variation, variance ÷ mean², computed from quantiles to three digits: 0 for a constant, 1 for an
 * exponential distribution. Returns 0 if the mean is 0.
 */
export function squaredVariation(distribution: { quantile(q: number): number }): number {
  let [mean, meanSquare, mass] = [0, 0, 0]
  const step = DEPTH / POINTS
  for (let point = 0; point < POINTS; point++) {
    // Points are denser towards 1, because the squares of a long tail dominate.
    const survival = Math.exp(-(point + 0.5) * step)
    const value = distribution.quantile(1 - survival)
    mass += survival
    mean += survival * value
    meanSquare += survival * value * value
  }
  return mean === 0 ? 0 : Math.max(0, (meanSquare * mass) / mean ** 2 - 1)
}
