import { areRecordsComplete, isBusy } from './truth.ts'
import { Histogram } from '../../core/histogram.ts'
import { counted, formatMs } from '../../harness/report/quantity.ts'
import type { ComparedRow } from './audit-result.ts'
import type { ScopeSides } from './scope.ts'
import type { ToolRow } from './tool-report.ts'

/** Difference of a time taken at two ends of a connection on one machine, which says nothing about either. */
const TOLERANCE_MS = 1.5
const TOLERANCE_SHARE = 0.03
/** Times more than the target's, and ms more, that a tool may add before its number no longer describes the target. */
const ADDED_SHARE = 1
const ADDED_MS = 20
/** Percentile up to which latency is that of usual requests. Above it, a moment in which this machine had other work explains much. */
const TYPICAL_PERCENTILE = 75
/** Times by which the sum of a tool's latencies may exceed the time of its connections: groups of requests count as requests too. */
const COUNTED_TWICE = 2
/** Fewer slow requests than this are accidents, which say nothing about how the tool measures. */
const FEWEST_SLOW = 5

/** Compares the percentiles, mean and extremes of a scope with the target's service time. */
export function compareLatency(sides: ScopeSides): ComparedRow[] {
  const { row, parts, traits } = sides
  if (row.latency === undefined) return []
  if (parts > 1) return []
  const truth = serviceTimes(sides)
  if (truth.count === 0) return []
  const { meanMs, minMs, maxMs, percentiles } = row.latency
  const unseen = unseenBy(sides, truth)
  const toolOnly = timedByTool(sides, truth)
  const common = { slowestMs: truth.maxMs, unseen, toolOnly }
  const exact = (what: string, ms: number, truthMs: number) =>
    judge({ what, toolMs: ms, truthMs, below: truthMs, above: truthMs, error: 0, ...common }, sides)
  return [
    ...(minMs === undefined ? [] : [exact('minimum', minMs, truth.minMs)]),
    ...(meanMs === undefined ? [] : [exact('mean', meanMs, truth.meanMs)]),
    ...percentiles
      .filter(({ percentile }) => percentile > 0 && percentile < 100)
      .map(({ percentile, valueMs }) =>
        judge(
          {
            what: `p${percentile}`,
            percentile,
            toolMs: valueMs,
            truthMs: truth.percentile(percentile),
            ...boundsOf((percentile / 100) * (traits.latencyOf === 'all' ? row.requests : truth.count), truth, {
              unseen,
              toolOnly,
            }),
            error: traits.percentileError,
            ...common,
          },
          sides,
        ),
      ),
    ...(maxMs === undefined ? [] : [exact('maximum', maxMs, truth.maxMs)]),
  ]
}

/**
 * Returns the times between which a tool's percentile may be. Tools disagree on which of two neighbouring values it is, and any of the
 * unseen requests may be below or above it.
 * @param rank of the percentile among the tool's times.
 */
function boundsOf(
  rank: number,
  truth: Histogram,
  { unseen, toolOnly }: Pick<TimePair, 'unseen' | 'toolOnly'>,
): { below: number; above: number } {
  const [lowest, highest] = [rank - unseen - 1, rank + unseen + 1]
  return {
    below: toolOnly > 0 && lowest < 0 ? 0 : truth.percentile((100 * Math.max(0, lowest)) / truth.count),
    above:
      toolOnly > 0 && highest > truth.count
        ? Infinity
        : truth.percentile((100 * Math.min(truth.count, highest)) / truth.count),
  }
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

/** A time of the tool beside the target's. */
interface TimePair {
  what: string
  /** Absent for the mean and the extremes. */
  percentile?: number
  toolMs: number
  truthMs: number
  /** The target's time by another definition of it. */
  below: number
  above: number
  /** The target's longest time. */
  slowestMs: number
  /** Relative error by the tool's buckets or rounding. */
  error: number
  /** Requests that only one side has timed. */
  unseen: number
  /** Those of them that the tool has timed. */
  toolOnly: number
}

/** Returns the number of requests that are among the times of one side only, such as those that were never answered. */
function unseenBy({ row, sums, traits, account }: ScopeSides, truth: Histogram): number {
  const timed = traits.latencyOf === 'all' ? truth.count : sums.arrivals
  return Math.max(Math.abs(row.requests - timed), account.inFlight + account.late + account.warmUp + account.resent)
}

/** Returns the most requests that may be among the tool's times and are not among the target's. */
function timedByTool({ row, sums, traits }: ScopeSides, truth: Histogram): number {
  if (traits.latencyOf === 'successes') return Math.max(0, row.requests - sums.arrivals) + sums.aborted + sums.cut
  return Math.min(row.requests, Math.max(row.requests, sums.arrivals) - truth.count)
}

function judge(pair: TimePair, sides: ScopeSides): ComparedRow {
  const { what, toolMs, truthMs, below, above, error } = pair
  const { traits } = sides
  const row = { what, unit: 'ms', tool: toolMs, truth: truthMs, difference: toolMs - truthMs } as const
  const slackMs = TOLERANCE_MS + (traits.resolutionMs ?? 0) + TOLERANCE_SHARE * truthMs
  if (toolMs >= below - slackMs && toolMs <= above + slackMs) return { ...row, judgement: 'agrees' }
  if (error > 0 && toolMs >= below * (1 - error) - slackMs && toolMs <= above * (1 + error) + slackMs) {
    const reason = `the tool’s percentiles are ${traits.percentiles}, to ${Math.round(error * 100)} %`
    return { ...row, judgement: 'explained', reason }
  }
  return toolMs > truthMs ? { ...row, ...judgeSlower(pair, sides) } : { ...row, ...judgeFaster(pair, sides) }
}

type Judged = Pick<ComparedRow, 'judgement' | 'reason'>

function judgeSlower(pair: TimePair, sides: ScopeSides): Judged {
  const { traits, truth, row } = sides
  const { toolMs, truthMs, above, unseen, toolOnly } = pair
  const { lastedMs, errorMs } = sides.extent
  if (toolMs > (lastedMs + errorMs) * (1 + pair.error)) {
    const reason = `no request can have taken that long: the run lasted ${formatMs(lastedMs)}`
    return { judgement: 'wrong', reason }
  }
  const apart = formatMs(toolMs - truthMs)
  if (traits.clock === 'due') {
    const reason = `the tool counts from when a request was due: ${apart} of waiting are included`
    return { judgement: 'explained', reason }
  }
  if (isBusy(truth)) {
    const reason = `the target was busy: ${apart} are of waiting until it read a request, and of the tool`
    return { judgement: 'explained', reason }
  }
  if (toolMs - above <= ADDED_MS + ADDED_SHARE * above)
    return { judgement: 'explained', reason: `the tool and its connection add ${apart}` }
  const areFew = fewestSlow(pair, row) < FEWEST_SLOW + unseen || (pair.percentile ?? 0) > TYPICAL_PERCENTILE
  if (areFew && haveTime(pair, sides)) {
    const reason =
      toolOnly > 0
        ? `${counted(unseen, 'request')} may be among the times of one side only`
        : `in ${apart}, some requests waited for the tool to start, to connect, or for this machine`
    return { judgement: 'explained', reason }
  }
  return { judgement: 'wrong', reason: `the target was ${apart} faster: the tool measures its own waiting` }
}

/** Tells whether the connections had the time for so many requests as slow as the tool says. */
function haveTime({ what, percentile, toolMs, error }: TimePair, { row, traits, extent }: ScopeSides): boolean {
  const { lastedMs, errorMs, connections } = extent
  // Averages of percentiles are times of no request.
  if (connections === undefined || traits.percentiles === 'averaged') return true
  const slow = percentile === undefined ? (what === 'maximum' ? 1 : row.requests) : tail(percentile, row.requests)
  return slow * toolMs <= COUNTED_TWICE * connections * (lastedMs + errorMs) * (1 + error)
}

/** Returns the fewest requests of which the tool's time must be longer than the target's, to make such a difference. */
function fewestSlow({ what, percentile, toolMs, truthMs }: TimePair, { requests, latency }: ToolRow): number {
  if (percentile !== undefined) return tail(percentile, requests)
  if (what !== 'mean') return what === 'maximum' ? 1 : requests
  return latency?.maxMs === undefined ? requests : ((toolMs - truthMs) * requests) / latency.maxMs
}

function judgeFaster({ what, toolMs, truthMs, slowestMs, unseen }: TimePair, { row }: ScopeSides): Judged {
  const apart = formatMs(truthMs - toolMs)
  // Percentiles are compared with their neighbours already.
  const mayLack = what === 'mean' ? (unseen * slowestMs) / row.requests : what.startsWith('p') ? 0 : Infinity
  return unseen > 0 && truthMs - toolMs <= mayLack
    ? { judgement: 'explained', reason: `${counted(unseen, 'request')} may be among the times of one side only` }
    : { judgement: 'wrong', reason: `the target took ${apart} longer than the tool says` }
}

/** Returns the number of requests that are slower than a percentile. */
function tail(percentile: number, requests: number): number {
  return requests * (1 - percentile / 100)
}
