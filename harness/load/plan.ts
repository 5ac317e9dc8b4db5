import type { Load } from '../scenario/definition.ts'

/** A scenario's load for the executors: checked, with defaults filled in, in ms and per second. */
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
  /** Time unit of the author's rates; the plan itself counts by the second. */
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

/** A straight line to `target` over `durationMs`; of no length, a jump. */
export interface RampStage {
  durationMs: number
  target: number
}

export function isOpen(load: LoadPlan): load is OpenLoad {
  return load.executor === 'constant-arrival-rate' || load.executor === 'ramping-arrival-rate'
}

/** How long the schedule lasts, graceful stop left out; for iteration budgets, at most. */
export function plannedMsOf(load: LoadPlan): number {
  switch (load.executor) {
    case 'constant-vus':
    case 'constant-arrival-rate':
      return load.durationMs
    case 'ramping-vus':
    case 'ramping-arrival-rate':
      return load.stages.reduce((sumMs, stage) => sumMs + stage.durationMs, 0)
    case 'per-vu-iterations':
    case 'shared-iterations':
      return load.maxDurationMs
  }
}

/** The most users, or iterations per second, that the schedule asks for. */
export function peakOf(load: LoadPlan): number {
  switch (load.executor) {
    case 'constant-vus':
    case 'per-vu-iterations':
    case 'shared-iterations':
      return load.vus
    case 'constant-arrival-rate':
      return load.ratePerSecond
    case 'ramping-vus':
      return Math.max(load.startVUs, ...load.stages.map(stage => stage.target))
    case 'ramping-arrival-rate':
      return Math.max(load.startRatePerSecond, ...load.stages.map(stage => stage.target))
  }
}
