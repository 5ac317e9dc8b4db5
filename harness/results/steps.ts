import type { Second } from '../metrics/measurements.ts'

export interface StepEnds {
  /** When each step ends, as an offset from the start of the run. The first one begins with the run. */
  toMs: number[]
}

/** Some successive seconds. */
export interface Step {
  step: number
  toMs: number
  seconds: Second[]
}

export function stepsOf(seconds: readonly Second[], stepSeconds: number): Step[] {
  const steps = Map.groupBy(seconds, ({ second }) => Math.floor(second / stepSeconds))
  return Array.from(steps, ([step, seconds]) => ({ step, toMs: seconds.at(-1)?.toMs ?? 0, seconds }))
}

export function endsOf(steps: readonly Step[]): StepEnds {
  return { toMs: steps.map(({ toMs }) => rounded(toMs)) }
}

/** A microsecond is as precise as times are measured. */
export function rounded(valueMs: number): number {
  return Math.round(valueMs * 1000) / 1000
}
