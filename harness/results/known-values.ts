/** The values of a series over time that are known. A document has no null in the place of a number. */
export interface KnownValues {
  values: number[]
  /** Indexes of the points that the values belong to; absent if every point has one. */
  at?: number[]
}

/** Returns the known values of a series that has one value, or a gap, for each point. */
export function knownValues(aligned: readonly (number | null | undefined)[]): KnownValues {
  const at = [...aligned.keys()].filter(index => typeof aligned[index] === 'number')
  const values = at.map(index => aligned[index] as number)
  return at.length === aligned.length ? { values } : { values, at }
}

/** Returns one value for each point; null is a gap. */
export function aligned({ values, at }: KnownValues, points: number): (number | null)[] {
  if (at === undefined) return values
  const series = Array.from({ length: points }, (): number | null => null)
  at.forEach((point, index) => (series[point] = values[index] ?? null))
  return series
}

/** Returns the mean of the known values, of which there is at least one. */
export function meanOf({ values }: KnownValues): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
