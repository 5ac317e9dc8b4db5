import { areRecordsComplete, isBusy } from './truth.ts'
import { Histogram } from '../../core/histogram.ts'
import type { ComparedRow } from './audit-result.ts'
import type { ScopeSides } from './scope.ts'

/** Difference of a time taken at two ends of a connection on one machine, which says nothing about either. */
const TOLERANCE_MS = 1.5
const TOLERANCE_SHARE = 0.03
/** Times more than the target's, and ms more, that a tool may add before its number no longer describes the target. */
const ADDED_SHARE = 1
const ADDED_MS = 20
/** Percentile up to which latency is that of usual requests. */
const TYPICAL_PERCENTILE = 75

/** Compares the percentiles, mean and extremes of a scope with the target's service time. */
export function compareLatency(sides: ScopeSides): ComparedRow[] {
  const { row, parts, traits } = sides
  if (row.latency === undefined) return []
  if (parts > 1) return []
  const truth = serviceTimes(sides)
  if (truth.count === 0) return []
  const { meanMs, minMs, maxMs, percentiles } = row.latency
  return [
    ...(minMs === undefined ? [] : [judge('minimum', minMs, truth.minMs, sides, 0)]),
    ...(meanMs === undefined ? [] : [judge('mean', meanMs, truth.meanMs, sides, 0)]),
    ...percentiles
      .filter(({ percentile }) => percentile > 0 && percentile < 100)
      .map(({ percentile, valueMs }) =>
        judge(`p${percentile}`, valueMs, truth.percentile(percentile), sides, traits.percentileError, {
          below: truth.percentile(rankBelow(percentile, truth.count)),
          above: truth.percentile(rankAbove(percentile, truth.count)),
        }),
      ),
    ...(maxMs === undefined ? [] : [judge('maximum', maxMs, truth.maxMs, sides, 0)]),
  ]
}

/** Tools disagree on which of two neighbouring values a percentile is. */
function rankBelow(percentile: number, count: number): number {
  return Math.max(0, percentile - 100 / count)
}

function rankAbove(percentile: number, count: number): number {
  return Math.min(100, percentile + 100 / count)
}

/** Returns the target's times of the requests that the tool's percentiles are about. */
function serviceTimes({ sums, truth, traits, operation }: ScopeSides): Histogram {
  if (traits.latencyOf === 'all' || !areRecordsComplete(truth)) return sums.lastByte
  const histogram = new Histogram()
  for (const record of truth.records) {
    if (operation !== undefined && record.operation !== operation) continue
    if (record.outcome === 'completed' && record.status < 400) histogram.record(record.lastByteMs)
  }
  return histogram
}

function judge(
  what: string,
  toolMs: number,
  truthMs: number,
  { account, traits, sums, truth }: ScopeSides,
  error: number,
  neighbours: { below: number; above: number } = { below: truthMs, above: truthMs },
): ComparedRow {
  const row: ComparedRow = {
    what,
    unit: 'ms',
    tool: toolMs,
    truth: truthMs,
    difference: toolMs - truthMs,
    judgement: 'agrees',
  }
  const slackMs = TOLERANCE_MS + (traits.resolutionMs ?? 0) + TOLERANCE_SHARE * truthMs
  if (toolMs >= neighbours.below - slackMs && toolMs <= neighbours.above + slackMs) return row
  if (error > 0 && Math.abs(toolMs - truthMs) <= error * truthMs + slackMs)
    return {
      ...row,
      judgement: 'explained',
      reason: `the tool’s percentiles are ${traits.percentiles}, to ${Math.round(error * 100)} %`,
    }
  const apart = Math.abs(row.difference!).toFixed(1)
  if (toolMs > truthMs) {
    if (traits.clock === 'due')
      return {
        ...row,
        judgement: 'explained',
        reason: `the tool counts from when a request was due: ${apart} ms of waiting are included`,
      }
    if (isBusy(truth)) {
      const reason = `the target was busy: ${apart} ms are of waiting until it read a request, and of the tool`
      return { ...row, judgement: 'explained', reason }
    }
    const mayAdd = ADDED_MS + ADDED_SHARE * truthMs
    return toolMs - truthMs <= mayAdd || isTail(what)
      ? { ...row, judgement: 'explained', reason: `the tool and its connection add ${apart} ms` }
      : { ...row, judgement: 'wrong', reason: `the target was ${apart} ms faster: the tool measures its own waiting` }
  }
  const leftOut = account.inFlight + account.late + account.warmUp
  if (
    leftOut > 0 &&
    (what === 'maximum' || what === 'mean' || leftOut >= sums.arrivals * (1 - percentileIn(what) / 100))
  )
    return {
      ...row,
      judgement: 'explained',
      reason: `the tool left out ${leftOut} requests, which may have been the slowest`,
    }
  return { ...row, judgement: 'wrong', reason: `the target took ${apart} ms longer than the tool says` }
}

/** Tells whether a number is about so few requests that a moment in which this machine had other work explains it. */
function isTail(what: string): boolean {
  return what === 'maximum' || what === 'minimum' || percentileIn(what) > TYPICAL_PERCENTILE
}

function percentileIn(what: string): number {
  return what.startsWith('p') ? Number(what.slice(1)) : 0
}
