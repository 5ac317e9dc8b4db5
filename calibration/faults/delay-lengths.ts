import { type CheckRow, checkRow, exactRow, judged } from '../check-row.ts'

/** One delay: as it was drawn, as the target says that it came to, and the whole request by the client's clock. */
export interface DelayTimes {
  plannedMs: number
  actualMs: number
  seenMs: number
}

/** `Server-Timing` is told to the microsecond. */
const ROUNDING_MS = 0.0011
const SHORT_MS = 5
const LONG_MS = 25
/** Largest share of a delay's length that one in a hundred may exceed it by. */
const MOST_STRETCHED = 0.01
const LEAST_LATE = 0.01
/** Median lateness of short delays, by the target's account, past which the machine was busy. */
const MOST_LATE_MS = 1

/** Whether delays are as long as they were drawn: never shorter, and not longer by a part of their length. */
export function lengthRows(delays: readonly DelayTimes[]): CheckRow[] {
  const early = (ms: (delay: DelayTimes) => number) =>
    delays.filter(delay => ms(delay) + ROUNDING_MS < delay.plannedMs).length
  const tooBusy = tooLate(delays)
  return [
    exactRow(
      'delays that were shorter than planned, by the target’s account',
      0,
      early(({ actualMs }) => actualMs),
    ),
    exactRow(
      'delays that were shorter than planned, by the client’s clock',
      0,
      early(({ seenMs }) => seenMs),
    ),
    judged(
      stretchRow('by the target’s account', delays, ({ actualMs }) => actualMs),
      tooBusy,
    ),
    judged(
      stretchRow('by the client’s clock', delays, ({ seenMs }) => seenMs),
      tooBusy,
    ),
  ]
}

function tooLate(delays: readonly DelayTimes[]): string | undefined {
  const lateMs = quantile(
    delays.filter(({ plannedMs }) => plannedMs < SHORT_MS).map(({ plannedMs, actualMs }) => actualMs - plannedMs),
    0.5,
  )
  if (lateMs <= MOST_LATE_MS) return undefined
  return `short delays were late by ${lateMs.toFixed(2)} ms in the median, of at most ${MOST_LATE_MS}`
}

/**
 * A late event loop is late by as much whatever the delay, and now and then it is not late at all; a delay that is wrong is wrong by
 * a part of its length each time. So of those that were least late long ones are held against short ones.
 */
function stretchRow(by: string, delays: readonly DelayTimes[], ms: (delay: DelayTimes) => number): CheckRow {
  const short = delays.filter(({ plannedMs }) => plannedMs < SHORT_MS)
  const long = delays.filter(({ plannedMs }) => plannedMs >= LONG_MS)
  const leastLate = (some: readonly DelayTimes[]) =>
    quantile(
      some.map(delay => ms(delay) - delay.plannedMs),
      LEAST_LATE,
    )
  const middle = (some: readonly DelayTimes[]) =>
    quantile(
      some.map(({ plannedMs }) => plannedMs),
      0.5,
    )
  const observed = (leastLate(long) - leastLate(short)) / (middle(long) - middle(short))
  const interval = { level: 1, low: observed - MOST_STRETCHED, high: observed + MOST_STRETCHED }
  return checkRow(`delays longer than planned, as a share of their length, ${by}`, 'share', {
    theory: 0,
    observed,
    interval,
  })
}

function quantile(values: number[], q: number): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length * q)]!
}
