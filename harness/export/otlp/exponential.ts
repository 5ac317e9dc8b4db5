import type { Histogram } from '../../../core/histogram.ts'
import { FilledBuckets } from '../../report/exposition/buckets.ts'

/** An exponential histogram of OpenTelemetry, in seconds or in units of its metric: bucket `i` holds values above 2^(i / 2^scale), up to the next bound. */
export interface ExponentialBuckets {
  scale: number
  /** Values below a microsecond. */
  zeroCount: number
  offset: number
  counts: number[]
}

/** The usual limit of SDKs and backends. */
const MOST_BUCKETS = 160
/** Finer buckets would be finer than those of the histograms themselves. */
const FINEST_SCALE = 8

/**
 * Returns the distribution at the finest scale that the limit allows. Each bucket of the histogram goes as a whole into the
 * one that its middle lies in, so a bound is exact to 0.1 %.
 * @param perUnit values in a unit of the buckets: milliseconds in a second
 */
export function exponentialBuckets(times: Histogram, perUnit = 1000): ExponentialBuckets {
  const { lowestMs, highestMs, counts: sizes } = new FilledBuckets(times)
  const zeroCount = highestMs[0] === 0 ? sizes[0]! : 0
  const first = zeroCount > 0 ? 1 : 0
  const logs = lowestMs.slice(first).map((lowest, at) => Math.log2((lowest + highestMs[first + at]!) / 2 / perUnit))
  if (logs.length === 0) return { scale: FINEST_SCALE, zeroCount, offset: 0, counts: [] }
  const scale = scaleFor(logs[0]!, logs.at(-1)!)
  const offset = indexAt(logs[0]!, scale)
  const counts = Array.from({ length: indexAt(logs.at(-1)!, scale) - offset + 1 }, () => 0)
  for (const [at, log] of logs.entries()) counts[indexAt(log, scale) - offset]! += sizes[first + at]!
  return { scale, zeroCount, offset, counts }
}

function scaleFor(lowest: number, highest: number): number {
  let scale = FINEST_SCALE
  while (indexAt(highest, scale) - indexAt(lowest, scale) >= MOST_BUCKETS) scale -= 1
  return scale
}

/** Upper bounds belong to their bucket. */
function indexAt(log: number, scale: number): number {
  return Math.ceil(log * 2 ** scale) - 1
}
