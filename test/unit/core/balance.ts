/**
 * Queues solved without any formula of theirs: from the rates (or chances) of going from one state to another alone, by the
 * elimination of states of W. Grassmann, M. Taksar and D. Heyman, which adds and divides only, so that no digits are lost.
 */

/** `flows[from][to]`; what they are from a state to itself does not matter. @returns how likely each state is. */
export function stationary(flows: readonly (readonly number[])[]): number[] {
  const left = flows.map(row => [...row])
  for (let state = left.length - 1; state > 0; state--) {
    const out = left[state]!.slice(0, state).reduce((sum, flow) => sum + flow, 0)
    for (let from = 0; from < state; from++) {
      left[from]![state]! /= out
      for (let to = 0; to < state; to++) left[from]![to]! += left[from]![state]! * left[state]![to]!
    }
  }
  const weights = [1]
  for (let state = 1; state < left.length; state++) {
    weights.push(weights.reduce((sum, weight, from) => sum + weight * left[from]![state]!, 0))
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map(weight => weight / total)
}

export interface Solved {
  /** The share of arrivals that finds all servers busy, and that which finds no place: they see what time sees. */
  waitShare: number
  loss: number
  meanQueue: number
  /** By Little’s law, of those who find a place. */
  meanWait: number
}

/** M/M/c/K with this many places at the station: one state for each number of visitors. */
export function solveMarkovian(arrivalRate: number, meanService: number, servers: number, places: number): Solved {
  const flows = matrix(places + 1)
  for (let visitors = 0; visitors < places; visitors++) {
    flows[visitors]![visitors + 1] = arrivalRate
    flows[visitors + 1]![visitors] = Math.min(visitors + 1, servers) / meanService
  }
  const shares = stationary(flows)
  const loss = shares[places]!
  const meanQueue = shares.reduce((sum, share, visitors) => sum + share * Math.max(0, visitors - servers), 0)
  return {
    waitShare: shares.slice(servers).reduce((sum, share) => sum + share, 0),
    loss,
    meanQueue,
    meanWait: meanQueue / (arrivalRate * (1 - loss)),
  }
}

/**
 * The mean wait of M/G/1, from what services leave behind: a state is how many are there when one has left, and `arrivals[n]` how
 * likely it is that so many come during a service. On average those who leave leave as many as there are.
 */
export function solveOneServer(arrivalRate: number, meanService: number, arrivals: readonly number[]): number {
  const states = arrivals.length
  const chances = matrix(states)
  for (let before = 0; before < states; before++) {
    for (const [came, chance] of arrivals.entries()) {
      const after = Math.min(Math.max(before - 1, 0) + came, states - 1)
      chances[before]![after]! += chance
    }
  }
  const meanVisitors = stationary(chances).reduce((sum, share, visitors) => sum + share * visitors, 0)
  return meanVisitors / arrivalRate - meanService
}

/** How likely so many Poisson arrivals are while a service lasts that is always the same. */
export function arrivalsInFixed(load: number, most: number): number[] {
  const chances = [Math.exp(-load)]
  for (let came = 1; came < most; came++) chances.push((chances[came - 1]! * load) / came)
  return chances
}

/** The same of a service that is the sum of two exponential ones: each stage sees a geometric number. */
export function arrivalsInTwoStages(load: number, most: number): number[] {
  const more = load / 2 / (1 + load / 2)
  return Array.from({ length: most }, (_, came) => (came + 1) * more ** came * (1 - more) ** 2)
}

function matrix(size: number): number[][] {
  return Array.from({ length: size }, () => Array.from({ length: size }, () => 0))
}
