/**
 * How late each arrival was, ms, in ascending order, when they were meant to come evenly at `rate` a second. When the first
 * was due nobody knows: the origin is the earliest that any arrival allows, so the promptest of them counts as punctual.
 */
export function latenessOf(arrivals: readonly number[], rate: number): number[] {
  const offsets = arrivals.map((at, ordinal) => at - (ordinal * 1000) / rate).sort((a, b) => a - b)
  return offsets.map(offset => offset - (offsets[0] as number))
}
