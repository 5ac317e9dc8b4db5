import { type CheckRow, checkRow, exactRow, judged } from '../check-row.ts'

/** Times of one delay. */
export interface DelayTimes {
  plannedMs: number
  /** As the target measured it. */
  actualMs: number
  /** The whole request, as the client measured it. */
  seenMs: number
}

/** `Server-Timing` is rounded to microseconds. */
const ROUNDING_MS = 0.0011
const SHORT_MS = 5
const LONG_MS = 25
/** Maximum error of a delay, as a share of its length. */
const MOST_STRETCHED = 0.01
const LEAST_LATE = 0.01
/** Median lateness of short delays, as the target measured it, above which the machine was too busy. */
const MOST_LATE_MS = 1

const clocks = [
  { by: 'by the target’s account', ms: ({ actualMs }: DelayTimes) => actualMs },
  { by: 'by the client’s clock', ms: ({ seenMs }: DelayTimes) => seenMs },
]

/** Checks the lengths of delays: none may be shorter than planned, or longer by more than a small share of its length. */
export function lengthRows(delays: readonly DelayTimes[]): CheckRow[] {
  const tooBusy = tooLate(delays)
  return [
    ...clocks.map(({ by, ms }) => {
      const early = delays.filter(delay => ms(delay) + ROUNDING_MS < delay.plannedMs).length
      return exactRow(`delays that were shorter than planned, ${by}`, 0, early)
    }),
    ...clocks.map(({ by, ms }) => judged(stretchRow(by, delays, ms), tooBusy)),
  ]
}

function tooLate(delays: readonly DelayTimes[]): string | undefined {
  const lateMs = quantile(shortOf(delays), 0.5, ({ plannedMs, actualMs }) => actualMs - plannedMs)
  if (lateMs <= MOST_LATE_MS) return undefined
  return `short delays were late by ${lateMs.toFixed(2)} ms in the median; the limit is ${MOST_LATE_MS} ms`
}

/**
 * A late event loop adds the same time to any delay, and sometimes none. A wrong delay is always wrong by a share of its length. So
 * this compares the lateness of the most punctual long delays with that of the most punctual short ones.
 */
function stretchRow(by: string, delays: readonly DelayTimes[], ms: (delay: DelayTimes) => number): CheckRow {
  const short = shortOf(delays)
  const long = delays.filter(({ plannedMs }) => plannedMs >= LONG_MS)
  const leastLate = (some: readonly DelayTimes[]) => quantile(some, LEAST_LATE, delay => ms(delay) - delay.plannedMs)
  const middle = (some: readonly DelayTimes[]) => quantile(some, 0.5, ({ plannedMs }) => plannedMs)
  const observed = (leastLate(long) - leastLate(short)) / (middle(long) - middle(short))
  const interval = { level: 1, low: observed - MOST_STRETCHED, high: observed + MOST_STRETCHED }
  const what = `delays longer than planned, as a share of their length, ${by}`
  return checkRow(what, 'share', { theory: 0, observed, interval })
}

function shortOf(delays: readonly DelayTimes[]): DelayTimes[] {
  return delays.filter(({ plannedMs }) => plannedMs < SHORT_MS)
}

function quantile(delays: readonly DelayTimes[], q: number, ms: (delay: DelayTimes) => number): number {
  const values = delays.map(ms).sort((a, b) => a - b)
  return values[Math.floor(values.length * q)]!
}
