import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { counted } from '../../harness/report/quantity.ts'
import type { ArrivedLoad } from './audit-result.ts'
import { spacingOf } from './spacing.ts'
import type { RequestedLoad } from './tool.ts'
import { peakInFlight } from './truth.ts'

/** A second in which the audit made all responses late, to see whether requests keep coming. Wall times in ms. */
export interface Probe {
  fromAt: number
  toAt: number
}

/** Shares of the usual arrivals during a probe: with more the model is open, with fewer closed. */
const OPEN_ABOVE = 0.75
const CLOSED_BELOW = 0.4
/** Share of the usual arrivals in some moment after a probe, below which they had waited: chance alone makes no such gap. */
const LATER_CLOSED_BELOW = 0.5
/** Time for which arrivals before and after the probe are looked at, in lengths of the probe. */
const PROBE_BASELINE = 3
const PROBE_AFTERMATH = 4
/** Fewest requests in the length of a probe that show a standstill, and a gap after it. */
const FEWEST_BEFORE = 5
const FEWEST_BEFORE_GAP = 20
const SECOND_MS = 1000
/** Longest time in which a ramp is looked for. */
const MOST_SECONDS = 24 * 3600
/** Share of the steady rate that ends a ramp. */
const RAMPED_AT = 0.85
/** Difference between what was asked for and what came that is worth a word. */
const ASKED_TOLERANCE = 0.05

/**
 * Describes the load as it arrived at the target.
 * @param records those of the run; with `details`, connections are counted too.
 */
export function describeLoad(
  records: readonly LedgerRecord[],
  { requested = {}, probe }: { requested?: RequestedLoad; probe?: Probe | 'late' | undefined } = {},
): ArrivedLoad {
  const startedAt = records.map(record => record.startedAt).sort((a, b) => a - b)
  const firstAt = startedAt[0]
  const lastAt = startedAt.at(-1)
  const spanMs = lastAt === undefined || firstAt === undefined ? 0 : lastAt - firstAt
  const perSecond = countsPerSecond(startedAt)
  const ramp = rampOf(perSecond)
  const steady = startedAt.filter(time => time >= (firstAt ?? 0) + ramp.durationMs)
  const busyMs = records.reduce((sum, { lastByteMs }) => sum + lastByteMs, 0)
  const load: ArrivedLoad = {
    requests: records.length,
    ratePerSecond: spanMs === 0 ? 0 : ((records.length - 1) * 1000) / spanMs,
    spacing: spacingOf(steady),
    concurrency: { mean: spanMs === 0 ? 0 : busyMs / spanMs, peak: peakInFlight(records) },
    ramp,
    connections: connectionsOf(records),
    model: modelOf(startedAt, probe),
    asked: [],
  }
  if (firstAt !== undefined) load.firstAt = firstAt
  if (lastAt !== undefined) load.lastAt = lastAt
  load.asked = againstRequest(load, spanMs, requested)
  return load
}

function countsPerSecond(startedAt: readonly number[]): number[] {
  const [firstAt = 0, lastAt = 0] = [startedAt[0], startedAt.at(-1)]
  const counts = Array.from(
    { length: startedAt.length === 0 ? 0 : Math.min(MOST_SECONDS, 1 + Math.floor((lastAt - firstAt) / SECOND_MS)) },
    () => 0,
  )
  for (const time of startedAt) {
    const second = Math.floor((time - firstAt) / SECOND_MS)
    if (second < MOST_SECONDS) counts[second]! += 1
  }
  return counts
}

function rampOf(perSecond: readonly number[]): ArrivedLoad['ramp'] {
  // The last second is a part of one.
  const whole = perSecond.slice(0, -1)
  if (whole.length < 4) return { kind: 'none', durationMs: 0, sentence: 'the run is too short to have a ramp' }
  const later = whole.slice(Math.floor(whole.length / 2)).toSorted((a, b) => a - b)
  const steady = later[Math.floor(later.length / 2)]!
  const reached = whole.findIndex(count => count >= RAMPED_AT * steady)
  if (reached <= 0) return { kind: 'none', durationMs: 0, sentence: 'the full rate came from the first second' }
  const durationMs = reached * SECOND_MS
  const distinct = new Set(whole.slice(0, reached).map(count => Math.round((10 * count) / steady)))
  const kind = distinct.size < reached / 2 ? 'steps' : 'up'
  return {
    kind,
    durationMs,
    sentence: `the rate rose ${kind === 'steps' ? 'in steps ' : ''}for ${reached} s, then held`,
  }
}

function connectionsOf(records: readonly LedgerRecord[]): ArrivedLoad['connections'] {
  const connections = new Set<number>()
  let known = 0
  for (const { details } of records) {
    if (details === undefined) continue
    known += 1
    connections.add(details.connection)
  }
  if (known === 0) return { count: 0, requestsEach: 0, sentence: 'connections were not recorded' }
  const requestsEach = known / connections.size
  const sentence =
    requestsEach < 1.5
      ? `a new connection for nearly every request (${connections.size})`
      : `${counted(connections.size, 'connection')}, each for ${requestsEach.toFixed(requestsEach < 10 ? 1 : 0)} requests`
  return { count: connections.size, requestsEach, sentence }
}

function modelOf(startedAt: readonly number[], probe: Probe | 'late' | undefined): ArrivedLoad['model'] {
  if (probe === undefined) return { kind: 'unknown', sentence: '--probe tells whether requests wait for responses' }
  if (probe === 'late')
    return {
      kind: 'unknown',
      sentence: 'the command ended before the probe, which comes in the middle of its duration, or after 4 s',
    }
  const lengthMs = probe.toAt - probe.fromAt
  const before = countBetween(startedAt, probe.fromAt - PROBE_BASELINE * lengthMs, probe.fromAt) / PROBE_BASELINE
  if (before < FEWEST_BEFORE) return { kind: 'unknown', sentence: 'too few requests came before the probe' }
  const shareAt = (lengths: number) =>
    countBetween(startedAt, probe.fromAt + lengths * lengthMs, probe.toAt + lengths * lengthMs) / before
  const during = shareAt(0)
  const came = `while all responses were late, ${percent(during)} of the usual requests came`
  if (during <= CLOSED_BELOW) return { kind: 'closed', sentence: `requests wait for responses: ${came}` }
  if (during < OPEN_ABOVE) return { kind: 'unknown', sentence: `the model is not clear: ${came}` }
  // Users who think for a while after a response are missed only when that while is over.
  const lastAt = startedAt.at(-1)!
  const later = Array.from({ length: 2 * PROBE_AFTERMATH }, (_, half) => 1 + half / 2)
    .filter(lengths => probe.toAt + lengths * lengthMs <= lastAt)
    .map(lengths => ({ lengths, share: shareAt(lengths) }))
  const [gap] = later.toSorted((a, b) => a.share - b.share)
  if (gap === undefined) return { kind: 'unknown', sentence: `the load ended soon after the probe: ${came}` }
  if (gap.share <= LATER_CLOSED_BELOW && before >= FEWEST_BEFORE_GAP) {
    const after = `${percent(gap.share)} after it by ${((gap.lengths * lengthMs) / 1000).toFixed(1)} s`
    return { kind: 'closed', sentence: `requests wait for responses and a pause: ${came}, and ${after}` }
  }
  return before >= FEWEST_BEFORE_GAP
    ? { kind: 'open', sentence: `requests do not wait for responses: ${came}` }
    : { kind: 'unknown', sentence: `the rate is too low to tell whether requests wait for responses: ${came}` }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function countBetween(startedAt: readonly number[], fromAt: number, toAt: number): number {
  return startedAt.filter(time => time >= fromAt && time < toAt).length
}

/** Returns sentences on what was asked for, against what came. */
function againstRequest(load: ArrivedLoad, spanMs: number, requested: RequestedLoad): string[] {
  const sentences: string[] = []
  const compare = (what: string, asked: number | undefined, came: number, unit = '') => {
    if (asked === undefined) return
    const differs = Math.abs(came - asked) > ASKED_TOLERANCE * asked
    const figures = `${formatted(asked)}${unit} ${what} asked for, ${formatted(came)}${unit} came`
    sentences.push(differs ? figures : `${formatted(asked)}${unit} ${what}, as asked for`)
  }
  compare('requests', requested.requests, load.requests)
  compare('requests per second', requested.ratePerSecond, load.ratePerSecond)
  compare('of load', requested.durationMs === undefined ? undefined : requested.durationMs / 1000, spanMs / 1000, ' s')
  if (requested.users !== undefined && load.concurrency.peak > requested.users) {
    const figures = `${requested.users} users asked for, ${load.concurrency.peak} requests under way at the peak`
    sentences.push(`${figures}: a user sends several at once`)
  }
  return sentences
}

function formatted(value: number): string {
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1)
}
