import type { OperationName } from '../../contract/api/operations.ts'
import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { Histogram } from '../../core/histogram.ts'
import { counted } from '../../harness/report/quantity.ts'
import { summarise } from '../../harness/results/trend-summary.ts'
import type { LatencyAccount } from './audit-result.ts'
import type { RequestedLoad } from './tool.ts'
import type { ToolReport, ToolTraits } from './tool-report.ts'
import { accountsOf, endedAt, isFollowed, peakInFlight, sumsOf, type Truth } from './truth.ts'

/** Percentiles of the chart, beside those that the tool reports. */
const SPECTRUM = [10, 25, 50, 75, 90, 95, 99, 99.9, 100]
/** Times the median, and ms, from which a response is a stall; and what makes an omission worth a word. */
const STALL_FACTOR = 10
const STALL_MS = 100
const WORTH_A_WORD_MS = 5
/** Times below this are shown as 0.0 ms. */
const SHOWN_AS_NOTHING_MS = 0.05
/** Rounding units that tools use, coarsest first, in ms. */
const ROUNDING_MS = [1000, 100, 10, 1]
const FEWEST_ROUNDED = 4
const FEWEST_ANSWERS = 100
/** Beginning of a run that may be a warm-up, its fewest requests, and by how much they are slower then. */
const WARM_UP_MS = 1000
const FEWEST_EARLY = 10
const SLOWER_EARLY = 2
/** Longest pause between a response and the next request of a client that has more to send. */
const TURNAROUND_MS = 10
/** Fewest requests a connection, on average, of which it can be told whether they waited for each other. */
const FEWEST_EACH = 2
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
  const response = requested.ratePerSecond === undefined ? undefined : responseTimes(records, requested)
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
      ...omissions(records, reported, { service, response, isOpen: traits?.model === 'open' }),
      ...warmUp(records),
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
 * Returns the times from when each request was due to the end of its response. The first request after a pause of its connection came when
 * the tool wanted it. From then on requests are due evenly, each connection having its share of the rate, until the connection pauses again: a
 * tool that sends unevenly is not late, and one that catches up after a stall is. Undefined where connections are unknown, or where each
 * request had one of its own.
 * @param records in the order in which they came.
 */
function responseTimes(
  records: readonly LedgerRecord[],
  { ratePerSecond = 0, users }: RequestedLoad,
): Histogram | undefined {
  const byConnection = Map.groupBy(records, ({ details }) => details?.connection)
  if (byConnection.has(undefined) || byConnection.size * FEWEST_EACH > records.length) return undefined
  const times = new Histogram()
  const gapMs = ((users ?? byConnection.size) * 1000) / ratePerSecond
  for (const requests of byConnection.values()) {
    let [dueAt, busyUntil] = [0, -Infinity]
    for (const record of requests) {
      const { startedAt, lastByteMs, outcome } = record
      dueAt = startedAt - busyUntil > TURNAROUND_MS ? startedAt : dueAt + gapMs
      busyUntil = Math.max(busyUntil, endedAt(record))
      // One that was broken off was due too, but has no response.
      if (outcome === 'completed') times.record(Math.max(0, startedAt - dueAt) + lastByteMs)
    }
  }
  return times
}

function additions(reported: ReadonlyMap<number, number>, service: Histogram): string[] {
  const differences = [50, 99].flatMap(percentile => {
    const toolMs = reported.get(percentile)
    if (toolMs === undefined) return []
    return [{ at: percentile === 50 ? 'at the median' : 'at p99', ms: toolMs - service.percentile(percentile) }]
  })
  const isLess = ({ ms }: { ms: number }) => ms <= -SHOWN_AS_NOTHING_MS
  const [more, less] = [differences.filter(each => !isLess(each)), differences.filter(isLess)]
  const list = (all: typeof differences) => all.map(({ at, ms }) => `${Math.abs(ms).toFixed(1)} ms ${at}`).join(' and ')
  return [
    ...(more.length > 0 ? [`The tool and its connections add ${list(more)} to the target’s own time.`] : []),
    ...(less.length > 0
      ? [`The tool tells less than the target’s own time, by ${list(less)}: it rounds, or counts other requests.`]
      : []),
  ]
}

/** Says what users would have met if the tool had kept sending while the target stood still. */
function omissions(
  records: readonly LedgerRecord[],
  reported: ReadonlyMap<number, number>,
  { service, response, isOpen }: { service: Histogram; response: Histogram | undefined; isOpen: boolean },
): string[] {
  const answered = records.filter(({ outcome }) => outcome === 'completed')
  if (answered.length < FEWEST_ANSWERS) return []
  const shown = reported.get(99) ?? service.percentile(99)
  if (response !== undefined) {
    const omittedMs = response.percentile(99) - shown
    if (omittedMs >= WORTH_A_WORD_MS) {
      const dueMs = response.percentile(99).toFixed(1)
      return [
        `At the rate that was asked for, p99 counted from when each request was due is ${dueMs} ms: the tool leaves out ${omittedMs.toFixed(1)} ms of waiting.`,
      ]
    }
  }
  if (isOpen) return []
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
    `While ${counted(stalls.length, 'response')} took more than ${stallMs.toFixed(0)} ms, up to ${counted(users, 'user')} waited instead of sending. If requests had kept coming at the same rate, p99 would be about ${corrected.percentile(99).toFixed(1)} ms: coordinated omission hides ${omittedMs.toFixed(1)} ms.`,
  ]
}

/** Detects that requests at the beginning took longer than later ones: tools do not leave them out. */
function warmUp(records: readonly LedgerRecord[]): string[] {
  const [first] = records
  if (first === undefined) return []
  const [early, later] = [new Histogram(), new Histogram()]
  for (const { startedAt, lastByteMs, outcome } of records) {
    if (outcome === 'completed') (startedAt - first.startedAt < WARM_UP_MS ? early : later).record(lastByteMs)
  }
  const [earlyMs, laterMs] = [early.percentile(50), later.percentile(50)]
  if (early.count < FEWEST_EARLY || later.count < FEWEST_ANSWERS) return []
  if (earlyMs < SLOWER_EARLY * laterMs || earlyMs - laterMs < WORTH_A_WORD_MS) return []
  return [
    `The warm-up is in its numbers: the median was ${earlyMs.toFixed(1)} ms in the first second, and ${laterMs.toFixed(1)} ms after it.`,
  ]
}

function habits({ percentiles, percentileError, resolutionMs, latencyOf, clock, notes }: ToolTraits): string[] {
  const sentences = {
    exact: [],
    histogram: [`The tool reads percentiles from buckets, to ${share(percentileError)}.`],
    rounded: [
      percentileError === 0 && resolutionMs !== undefined
        ? `The tool rounds percentiles to ${resolutionMs} ms.`
        : `The tool rounds percentiles, by up to ${share(percentileError)}.`,
    ],
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

function share(value: number): string {
  return `${Number((value * 100).toPrecision(2))} %`
}
