import { studentQuantile } from '../../core/student.ts'
import type { Effect } from './effect.ts'

/** Share of true differences that a comparison should detect, by convention. */
const POWER = 0.8

/** Returns the smallest difference that runs like these detect in four of five comparisons. */
export function smallestDetectable(effect: Effect, level: number): number {
  return effect.reach(level) + studentQuantile(POWER, effect.degrees) * effect.standardError
}

/** Beyond this many rounds nobody waits, and the spread should be made smaller instead. */
export const MOST_ROUNDS = 1000

/** Returns the number of runs of each side that detect a difference in four of five comparisons; at most `MOST_ROUNDS`. */
export function roundsFor(difference: number, deviation: number, level: number): number {
  let [low, high] = [2, MOST_ROUNDS]
  while (low < high) {
    const rounds = (low + high) >> 1
    if (detectableWith(rounds, deviation, level) <= difference) high = rounds
    else low = rounds + 1
  }
  return low
}

function detectableWith(rounds: number, deviation: number, level: number): number {
  const degrees = 2 * rounds - 2
  const errors = studentQuantile((1 + level) / 2, degrees) + studentQuantile(POWER, degrees)
  return errors * deviation * Math.sqrt(2 / rounds)
}
