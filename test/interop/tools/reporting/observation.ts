import type { AuditResult } from '../../../../calibration/audit/audit-result.ts'
import type { ToolTraits } from '../../../../calibration/audit/tool-report.ts'
import { type Situation, STALL_MS } from './situations.ts'

export const PERCENTILES = [50, 99, 100] as const
export type Percentile = (typeof PERCENTILES)[number]

/** Numbers of one audit. */
export interface Observation {
  arrivals: number
  /** Requests that the tool does not report. */
  uncounted: { inFlight: number; late: number }
  atEnd: ToolTraits['atEnd'] | undefined
  clock: ToolTraits['clock'] | undefined
  /** The tool's value less the true one, in ms; absent where it reports none. */
  errorsMs: Partial<Record<Percentile, number>>
}

/** @throws Error when there was no report, or nothing explains how many requests it counts. */
export function observationOf(result: AuditResult, { name }: Situation): Observation {
  const { accounting, latency, load, tool } = result
  const { arrivals, inFlight, late, missing, neverReceived } = accounting.total
  if (tool === undefined || missing + neverReceived > 0)
    throw new Error(`the audit says ${result.verdict.word}: ${result.verdict.sentence}`)
  const errorsMs: Observation['errorsMs'] = {}
  for (const { percentile, toolMs, serviceMs } of latency.spectrum) {
    const asked = PERCENTILES.find(each => each === percentile)
    if (asked === undefined || toolMs === undefined) continue
    const trueMs = name === 'stall' ? metByAll(asked, serviceMs, (load.lastAt ?? 0) - (load.firstAt ?? 0)) : serviceMs
    errorsMs[asked] = toolMs - trueMs
  }
  return { arrivals, uncounted: { inFlight, late }, atEnd: tool.traits?.atEnd, clock: tool.traits?.clock, errorsMs }
}

/**
 * Returns the percentile that users meet who keep coming at an even rate while the target stands still: those who come during the stall
 * wait for the rest of it, and all others as long as the target takes.
 */
function metByAll(percentile: Percentile, serviceMs: number, spanMs: number): number {
  const waiting = STALL_MS / spanMs
  const above = 1 - percentile / 100
  return above < waiting ? STALL_MS * (1 - above / waiting) : serviceMs
}
