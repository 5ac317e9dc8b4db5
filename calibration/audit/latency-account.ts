import type { OperationName } from '../../contract/api/operations.ts'
import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { Histogram } from '../../core/histogram.ts'
import { summarise } from '../../harness/results/trend-summary.ts'
import type { LatencyAccount } from './audit-result.ts'
import type { RequestedLoad } from './tool.ts'
import type { ToolReport, ToolTraits } from './tool-report.ts'
import { accountsOf, isFollowed, peakInFlight, sumsOf, type Truth } from './truth.ts'

/** Percentiles of the chart, beside those that the tool reports. */
const SPECTRUM = [10, 25, 50, 75, 90, 95, 99, 99.9, 100]
/** Times the median, and ms, from which a response is a stall; and what makes an omission worth a word. */
const STALL_FACTOR = 10
const STALL_MS = 100
const WORTH_A_WORD_MS = 5
/** Rounding units that tools use, coarsest first, in ms. */
const ROUNDING_MS = [1000, 100, 10, 1]
const FEWEST_ROUNDED = 4
const FEWEST_ANSWERS = 100
/** Bounds of the requests that are made up for one stall. */
const MOST_MISSED_IN_STALL = 1000
const MOST_MISSED = 10_000

/** Sets the tool's latency beside the target's, and says what the tool adds and leaves out. */
export function latencyOf(
  truth: Truth,
  {
    report,
    traits,
    requested,
  }: { report?: ToolReport | undefined; traits?: ToolTraits | undefined; requested: RequestedLoad },
): LatencyAccount {
  const service = sumsOf(accountsOf(truth)).lastByte
  const records = truth.records
    .filter(({ operation }) => !waitsByDesign(operation))
    .toSorted((a, b) => a.startedAt - b.startedAt)
  const response = requested.ratePerSecond === undefined ? undefined : responseTimes(records, requested.ratePerSecond)
  const reported = new Map(report?.total.latency?.percentiles.map(({ percentile, valueMs }) => [percentile, valueMs]))
  const maxMs = report?.total.latency?.maxMs
  if (maxMs !== undefined) reported.set(100, maxMs)
  const percentiles = [...new Set([...SPECTRUM, ...reported.keys()])].sort((a, b) => a - b)
  return {
    service: summarise(service),
    ...(response && { response: summarise(response) }),
    spectrum: percentiles.map(percentile => ({
      percentile,
      serviceMs: service.percentile(percentile),
      ...(reported.has(percentile) && { toolMs: reported.get(percentile)! }),
      ...(response && { responseMs: response.percentile(percentile) }),
    })),
    remarks: [
      ...additions(reported, service),
      ...(traits?.model === 'open' && response === undefined
        ? []
        : omissions(records, reported, { service, response })),
      ...(traits === undefined ? [] : habits(traits)),
      ...rounding([...reported].filter(([percentile]) => percentile < 100).map(([, valueMs]) => valueMs)),
    ],
  }
}

/** Tells whether a long answer of an operation is no stall. */
function waitsByDesign(operation: OperationName): boolean {
  return operation === 'streams.poll' || isFollowed(operation)
}

/**
 * Returns the times from when each request was due to the end of its response. Requests were due evenly, at this rate, in the order in which
 * they came; the schedule begins as late as it can so that none came early.
 * @param records in the order in which they came.
 */
function responseTimes(records: readonly LedgerRecord[], ratePerSecond: number): Histogram {
  const gapMs = 1000 / ratePerSecond
  const beganAt = records.reduce((begin, { startedAt }, index) => Math.min(begin, startedAt - index * gapMs), Infinity)
  const times = new Histogram()
  // One that was broken off was due too, but has no response.
  for (const [index, { startedAt, lastByteMs, outcome }] of records.entries())
    if (outcome === 'completed') times.record(startedAt + lastByteMs - (beganAt + index * gapMs))
  return times
}

function additions(reported: ReadonlyMap<number, number>, service: Histogram): string[] {
  const [p50, p99] = [reported.get(50), reported.get(99)]
  const parts = [
    ...(p50 === undefined ? [] : [`${signed(p50 - service.percentile(50))} ms at the median`]),
    ...(p99 === undefined ? [] : [`${signed(p99 - service.percentile(99))} ms at p99`]),
  ]
  return parts.length === 0 ? [] : [`The tool and its connections add ${parts.join(' and ')} to the target’s own time.`]
}

/** Says what users would have met if the tool had kept sending while the target stood still. */
function omissions(
  records: readonly LedgerRecord[],
  reported: ReadonlyMap<number, number>,
  { service, response }: { service: Histogram; response: Histogram | undefined },
): string[] {
  const answered = records.filter(({ outcome }) => outcome === 'completed')
  if (answered.length < FEWEST_ANSWERS) return []
  const shown = reported.get(99) ?? service.percentile(99)
  if (response !== undefined) {
    const omittedMs = response.percentile(99) - shown
    return omittedMs < WORTH_A_WORD_MS
      ? []
      : [
          `At the rate that was asked for, p99 counted from when each request was due is ${response.percentile(99).toFixed(1)} ms: the tool leaves out ${omittedMs.toFixed(1)} ms of waiting.`,
        ]
  }
  const stallMs = Math.max(STALL_MS, STALL_FACTOR * service.percentile(50))
  const stalls = answered.filter(({ lastByteMs }) => lastByteMs > stallMs)
  if (stalls.length === 0) return []
  const spanMs = records.at(-1)!.startedAt - records[0]!.startedAt
  const users = peakInFlight(records)
  // One request is noted for each that a stall held up, and no more of them than can matter to a percentile.
  const intervalMs = Math.max((users * spanMs) / records.length, stallMs / MOST_MISSED_IN_STALL)
  const corrected = new Histogram()
  for (const { lastByteMs } of answered) {
    corrected.record(lastByteMs)
    const missed = Math.min(MOST_MISSED, Math.floor(lastByteMs / intervalMs) - 1)
    for (let each = 1; each <= missed; each++) corrected.record(lastByteMs - each * intervalMs)
  }
  const omittedMs = corrected.percentile(99) - shown
  if (omittedMs < WORTH_A_WORD_MS) return []
  return [
    `While ${stalls.length} responses took more than ${stallMs.toFixed(0)} ms, up to ${users} users waited instead of sending. If requests had kept coming at the same rate, p99 would be about ${corrected.percentile(99).toFixed(1)} ms: coordinated omission hides ${omittedMs.toFixed(1)} ms.`,
  ]
}

function habits({ percentiles, percentileError, latencyOf, clock, notes }: ToolTraits): string[] {
  const sentences = {
    exact: [],
    histogram: [`The tool reads percentiles from buckets, to ${share(percentileError)}.`],
    rounded: [`The tool rounds percentiles, by up to ${share(percentileError)}.`],
    averaged: ['The tool averages percentiles, which gives numbers that are no percentiles.'],
    none: ['The tool reports no percentiles.'],
  }[percentiles]
  return [
    ...sentences,
    ...(latencyOf === 'successes' ? ['Only successful requests are in the tool’s latency.'] : []),
    ...(clock === 'due' ? ['The tool counts latency from when a request was due.'] : []),
    ...notes,
  ]
}

/** Detects that all values are multiples of one unit. */
function rounding(valuesMs: readonly number[]): string[] {
  if (valuesMs.length < FEWEST_ROUNDED) return []
  const unit = ROUNDING_MS.find(
    each => valuesMs.every(valueMs => valueMs % each === 0) && valuesMs.some(valueMs => valueMs > 0),
  )
  return unit === undefined ? [] : [`All of its percentiles are multiples of ${unit} ms.`]
}

function signed(valueMs: number): string {
  return `${valueMs < 0 ? '−' : ''}${Math.abs(valueMs).toFixed(1)}`
}

function share(value: number): string {
  return `${Number((value * 100).toPrecision(2))} %`
}
