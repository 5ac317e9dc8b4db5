/** Something that is measured side by side with others. */
export interface Contender<Reading> {
  name: string
  measure(seconds: number): Promise<Reading>
}

export interface Rounds {
  /** Driven first and thrown away, because compilers are cold in them. */
  warmupRounds: number
  rounds: number
  /** Time of each contender in each round. */
  seconds: number
}

/**
 * Runs A B C, A B C, …: whatever the machine does in the meantime, it does to all of them. Readings are in the order of
 * the contenders, and of the rounds.
 */
export async function interleave<Reading>(
  contenders: readonly Contender<Reading>[],
  { warmupRounds, rounds, seconds }: Rounds,
): Promise<Reading[][]> {
  const readings: Reading[][] = contenders.map(() => [])
  for (let round = 1 - warmupRounds; round <= rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K  round ${round} of ${rounds}: ${contender.name}`)
      const reading = await contender.measure(seconds)
      if (round > 0) readings[index]?.push(reading)
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  return readings
}

export function byName<Reading>(
  contenders: readonly Contender<Reading>[],
  readings: Reading[][],
): Record<string, Reading[]> {
  return Object.fromEntries(contenders.map(({ name }, index) => [name, readings[index] ?? []]))
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2
}

/** Round by round, so that noise which met both sides of a round cancels out. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): number[] {
  return numerators.map((numerator, round) => numerator / (denominators[round] ?? Number.NaN))
}

/** Round by round as well. */
export function differences(minuends: readonly number[], subtrahends: readonly number[]): number[] {
  return minuends.map((minuend, round) => minuend - (subtrahends[round] ?? Number.NaN))
}

export function medianRatio(numerators: readonly number[], denominators: readonly number[]): number {
  return median(ratios(numerators, denominators))
}
