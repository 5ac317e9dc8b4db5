import { isOpen, type LoadPlan, type OpenLoad, peakOf, plannedMsOf, type RampStage } from '../load/plan.ts'
import { MOST_PER_SECOND, MOST_USERS } from './read-load.ts'

/** Returns the same shape with another peak: users, or iterations per second. */
export function withPeak(load: LoadPlan, peak: number): LoadPlan {
  const factor = peak / peakOf(load)
  switch (load.executor) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return { ...load, vus: peak }
    case 'shared-iterations':
      return { ...load, vus: peak, iterations: Math.max(load.iterations, peak) }
    case 'ramping-vus':
      return {
        ...load,
        startVUs: Math.round(load.startVUs * factor),
        stages: load.stages.map(stage => ({ ...stage, target: Math.round(stage.target * factor) })),
      }
    case 'constant-arrival-rate':
      return { ...load, ...usersFor(load, factor), ratePerSecond: peak }
    case 'ramping-arrival-rate':
      return {
        ...load,
        ...usersFor(load, factor),
        startRatePerSecond: load.startRatePerSecond * factor,
        stages: load.stages.map(stage => ({ ...stage, target: stage.target * factor })),
      }
  }
}

/** Length of a load that stays at one level, in ms. */
export interface HeldTimes {
  /** Time in which the users of a closed model start. Arrivals of an open model come at their full rate from the beginning. */
  riseMs: number
  holdMs: number
}

/** Returns a load that stays at one level: users, or iterations per second. */
export function heldAt(load: LoadPlan, level: number, { riseMs, holdMs }: HeldTimes): LoadPlan {
  const { gracefulStopMs } = load
  if (isOpen(load)) {
    const { arrivals, timeUnitMs } = load
    return {
      executor: 'constant-arrival-rate',
      ratePerSecond: level,
      durationMs: riseMs + holdMs,
      arrivals,
      timeUnitMs,
      gracefulStopMs,
      ...usersFor(load, level / peakOf(load)),
    }
  }
  const stages = [riseMs, holdMs].map(durationMs => ({ durationMs, target: level }))
  return { executor: 'ramping-vus', startVUs: 0, stages, gracefulRampDownMs: gracefulStopMs, gracefulStopMs }
}

/** Returns the same shape over another time. Iteration budgets stay unchanged, because they end by themselves. */
export function withDuration(load: LoadPlan, durationMs: number): LoadPlan {
  const factor = durationMs / plannedMsOf(load)
  const stretch = (stages: RampStage[]) => stages.map(stage => ({ ...stage, durationMs: stage.durationMs * factor }))
  switch (load.executor) {
    case 'constant-vus':
    case 'constant-arrival-rate':
      return { ...load, durationMs }
    case 'ramping-vus':
      return { ...load, stages: stretch(load.stages) }
    case 'ramping-arrival-rate':
      return { ...load, stages: stretch(load.stages) }
    case 'per-vu-iterations':
    case 'shared-iterations':
      return load
  }
}

/** Returns another shape. Levels are shares of the load's peak, and their times are shares of `durationMs`. */
export function withShape(load: LoadPlan, durationMs: number, levels: readonly Level[]): LoadPlan {
  const peak = peakOf(load)
  const stages = levels.map(({ over, level }) => ({ durationMs: over * durationMs, target: level * peak }))
  const { gracefulStopMs } = load
  if (isOpen(load)) {
    const { arrivals, timeUnitMs } = load
    const users = usersFor(load, Math.max(1, ...levels.map(({ level }) => level)))
    return {
      executor: 'ramping-arrival-rate',
      startRatePerSecond: 0,
      stages: stages.map(stage => ({ ...stage, target: Math.min(MOST_PER_SECOND, stage.target) })),
      arrivals,
      timeUnitMs,
      gracefulStopMs,
      ...users,
    }
  }
  return {
    executor: 'ramping-vus',
    startVUs: 0,
    stages: stages.map(stage => ({ ...stage, target: Math.min(MOST_USERS, Math.ceil(stage.target)) })),
    gracefulRampDownMs: load.executor === 'ramping-vus' ? load.gracefulRampDownMs : gracefulStopMs,
    gracefulStopMs,
  }
}

/** A stage that leads to a share of the peak over a share of the time. */
export interface Level {
  over: number
  level: number
}

function usersFor(load: OpenLoad, factor: number): Pick<OpenLoad, 'preAllocatedVUs' | 'maxVUs'> {
  const scale = (users: number) => Math.min(MOST_USERS, Math.max(1, Math.ceil(users * factor)))
  return { preAllocatedVUs: scale(load.preAllocatedVUs), maxVUs: scale(load.maxVUs) }
}
