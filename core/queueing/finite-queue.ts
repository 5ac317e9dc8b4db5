import { erlangB } from './erlang.ts'
import { offeredLoad, type Traffic, utilisation } from './traffic.ts'

export interface FiniteQueue {
  /** The share that is turned away. */
  loss: number
  /** How many wait, on average. */
  meanQueue: number
  /** Of those who find a place, served at once or not. */
  meanWait: number
}

/** Weights below this share of the greatest add nothing to a sum. */
const NEGLIGIBLE = 1e-18

/**
 * M/M/c/K, of which `queueLimit` = K − c may wait: the balance of its states, added up. It has a steady state at every load.
 */
export function finiteQueue(traffic: Traffic, queueLimit: number): FiniteQueue {
  const ratio = utilisation(traffic)
  const blocked = erlangB(traffic.servers, offeredLoad(traffic))
  // States with a queue of length n follow that of a queue of none in a geometric series. Added up from its greatest term
  // on, and in units of that, nothing gets out of hand at any load or length.
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
  /** Of the states without a queue, and of that in which all servers are busy, in the same units. */
  const empty = falls ? 1 : step ** queueLimit
  const total = empty + blocked * sum
  const full = falls ? ratio ** queueLimit : 1
  const loss = (blocked * full) / total
  const meanQueue = (blocked * weightedSum) / total
  return { loss, meanQueue, meanWait: meanQueue / (traffic.arrivalRate * (1 - loss)) }
}
