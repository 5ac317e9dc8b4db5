import type { TrialOptions } from '../trial.ts'
import { knownQueues } from './known-queues.ts'
import { type QueueName, queueNames } from './queue-names.ts'
import { type SimulatedSearches, simulateSearches } from './simulated-search.ts'
import { type RealSearch, searchTarget } from './target-search.ts'

export interface CapacityCheckOptions extends Omit<TrialOptions, 'targetUrl'> {
  /** `short`: fewer searches in simulated time, and none in real time. */
  size: keyof typeof sizes
  /** Models that are checked, by name; default: all. */
  models?: readonly QueueName[]
  withTarget: <T>(use: (targetUrl: string) => Promise<T>) => Promise<T>
  /** Called before each step. */
  onStep?: (step: string) => void
  /** Called with the searches of each queue when they are complete. */
  onSearched?: (searched: SimulatedSearches | RealSearch) => void
}

export interface CapacityCheck {
  simulated: SimulatedSearches[]
  real: RealSearch[]
  precision: number
}

/** Largest error of a calibrated search. */
export const MOST_ERROR = 0.05
const PRECISION = 0.05
const sizes = {
  short: { searches: 20, probeSeconds: 10, real: false },
  full: { searches: 200, probeSeconds: 10, real: true },
}

/** Searches queues with a known answer: many times in simulated time, and once each against a target. @throws the reason of `stop` when it aborts before the end. */
export async function checkCapacity(options: CapacityCheckOptions): Promise<CapacityCheck> {
  const { size, seed, models = queueNames, onStep = () => {}, onSearched = () => {}, stop } = options
  const { searches, probeSeconds, real } = sizes[size]
  const chosen = knownQueues.filter(({ name }) => models.includes(name))
  const simulated: SimulatedSearches[] = []
  for (const model of chosen) {
    onStep(`${model.name} in simulated time`)
    const settings = { searches, seed, probeSeconds, precision: PRECISION, ...(stop && { stop }) }
    const found = await simulateSearches(model, settings)
    onSearched(found)
    simulated.push(found)
  }
  const searched: RealSearch[] = []
  for (const model of real ? chosen : []) {
    onStep(`${model.name} in real time`)
    const found = await options.withTarget(targetUrl =>
      searchTarget(model, { ...options, targetUrl }, { probeSeconds, precision: PRECISION }),
    )
    onSearched(found)
    searched.push(found)
  }
  return { simulated, real: searched, precision: PRECISION }
}

/** Tells whether the errors of nearly all simulated searches, and of each real one, are small enough. */
export function isCapacityCalibrated({ simulated, real }: CapacityCheck): boolean {
  return (
    simulated.every(({ ours }) => ours.unanswered === 0 && ours.p95Error <= MOST_ERROR) &&
    real.every(({ error }) => error !== undefined && Math.abs(error) <= MOST_ERROR)
  )
}
