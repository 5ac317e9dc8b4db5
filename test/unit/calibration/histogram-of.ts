import { Histogram } from '../../../core/histogram.ts'

/** Returns the histogram of these values, as reports carry it. */
export function histogramOf(values: number[]) {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram.toJSON()
}
