import { median } from '../../core/median.ts'

/** Something that is measured side by side with others. */
export interface Contender<Reading> {
  name: string
  measure(seconds: number): Promise<Reading>
}

export interface Rounds {
  /** Rounds that are discarded, because compilers are still cold in them. */
  warmupRounds: number
  rounds: number
  /** Length of each contender's turn in a round. */
  seconds: number
}

/**
 * Measures A B C, A B C, …, so that other work on the machine affects all contenders alike.
 * @returns the readings by contender, then by round.
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

/** Returns one number of each reading; none if there are no readings. */
export function column<Key extends string>(readings: readonly Record<Key, number>[] = [], key: Key): number[] {
  return readings.map(reading => reading[key])
}

/** Divides round by round, so that noise that affected both sides of a round cancels out. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): number[] {
  return numerators.map((numerator, round) => numerator / (denominators[round] ?? Number.NaN))
}

/** Subtracts round by round, for the same reason. */
export function differences(minuends: readonly number[], subtrahends: readonly number[]): number[] {
  return minuends.map((minuend, round) => minuend - (subtrahends[round] ?? Number.NaN))
}

export function medianRatio(numerators: readonly number[], denominators: readonly number[]): number {
  return median(ratios(numerators, denominators))
}
