import { didYouMean } from '../../core/nearest.ts'
import type { Threshold } from './threshold.ts'

/** Returns a line for each threshold of a place where the run has no worker. Otherwise it would fail only at the end. */
export function unknownPlaces(thresholds: readonly Threshold[], places: readonly string[]): string[] {
  const asked = new Map(thresholds.map(({ source, readings }) => [source.metric, readings]))
  return [...asked].flatMap(([metric, readings]) => {
    const [{ place }] = readings
    if (place === undefined || readings.some(other => other.place === undefined || places.includes(other.place)))
      return []
    const there =
      places.length === 0 ? 'the run has no places (--place names one)' : `there are ${places.map(quoted).join(', ')}`
    return [`${metric}: there is no place ${quoted(place)}${didYouMean(place, places, quoted)}; ${there}`]
  })
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
