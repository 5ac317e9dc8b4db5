import type { Load } from '../scenario/definition.ts'

/** The load of a validated scenario for the executors, with defaults, in ms and per second. */
export type LoadPlan = ClosedLoad | OpenLoad
export type ClosedLoad = ConstantVus | RampingVus | IterationBudget
export type OpenLoad = ConstantArrivalRate | RampingArrivalRate
export type ExecutorName = Load['executor']

interface Graceful {
  gracefulStopMs: number
}

export interface ConstantVus extends Graceful {
  executor: 'constant-vus'
  vus: number
  durationMs: number
}

export interface RampingVus extends Graceful {
  executor: 'ramping-vus'
  startVUs: number
  stages: RampStage[]
  gracefulRampDownMs: number
}

export interface IterationBudget extends Graceful {
  executor: 'per-vu-iterations' | 'shared-iterations'
  vus: number
  iterations: number
  maxDurationMs: number
}

export type ArrivalSpacing = 'constant' | 'poisson'

interface OpenUserLimits extends Graceful {
  preAllocatedVUs: number
  maxVUs: number
  arrivals: ArrivalSpacing
  /** Time unit of the author's rates. The rates of the plan are per second. */
  timeUnitMs: number
}

export interface ConstantArrivalRate extends OpenUserLimits {
  executor: 'constant-arrival-rate'
  ratePerSecond: number
  durationMs: number
}

/** Targets are per second. */
export interface RampingArrivalRate extends OpenUserLimits {
  executor: 'ramping-arrival-rate'
  startRatePerSecond: number
  stages: RampStage[]
}

/** A straight line to `target` over `durationMs`; a jump if that is 0. */
export interface RampStage {
  durationMs: number
  target: number
}

export function isOpen(load: LoadPlan): load is OpenLoad {
  return load.executor === 'constant-arrival-rate' || load.executor === 'ramping-arrival-rate'
}

/** Returns how long the schedule lasts without the graceful stop; for a fixed number of iterations, how long it may last. */
export function plannedMsOf(load: LoadPlan): number {
  if ('stages' in load) return load.stages.reduce((sumMs, stage) => sumMs + stage.durationMs, 0)
  return 'maxDurationMs' in load ? load.maxDurationMs : load.durationMs
}

/** Returns the highest number of users, or of iterations per second, in the schedule. */
export function peakOf(load: LoadPlan): number {
  if ('vus' in load) return load.vus
  if ('ratePerSecond' in load) return load.ratePerSecond
  const start = 'startVUs' in load ? load.startVUs : load.startRatePerSecond
  return Math.max(start, ...load.stages.map(stage => stage.target))
}
