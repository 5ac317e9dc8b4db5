import type { ShiftChance } from './shift-chance.ts'
import { FEWEST_BESIDE, largestSplit } from './shift-scan.ts'
import { normalScores } from './normal-scores.ts'

/** With fewer values, even the clearest change could be chance. */
export const FEWEST_FOR_CHANGE = 8
/** Most changes of one sequence. */
const MOST_CHANGES = 30

interface TestedPart {
  from: number
  to: number
  p: number
  at: number
}

/**
 * Returns the indices of the first values after each change of level, in order. Values are divided at the largest shift of any part, as
 * long as chance makes one as large in any of the parts with a probability of at most `level` (as in the E-divisive procedure of Matteson
 * and James, 2014). Then each change moves to the best place between its neighbours.
 */
export function changePoints(values: readonly number[], level: number, chance: ShiftChance): number[] {
  const segments = [testedPart(values, 0, values.length, { level, chance })]
  while (segments.length <= MOST_CHANGES) {
    const testable = segments.filter(({ from, to }) => to - from >= 2 * FEWEST_BESIDE)
    const best = testable.reduce<TestedPart | undefined>((a, b) => (a !== undefined && a.p <= b.p ? a : b), undefined)
    // The parts are independent, and the smallest of several chances is smaller than one alone.
    if (best === undefined || 1 - (1 - best.p) ** testable.length > level) break
    segments.splice(
      segments.indexOf(best),
      1,
      testedPart(values, best.from, best.at, { level, chance }),
      testedPart(values, best.at, best.to, { level, chance }),
    )
  }
  return settled(
    values,
    segments.slice(1).map(({ from }) => from),
  )
}

function testedPart(
  values: readonly number[],
  from: number,
  to: number,
  { level, chance }: { level: number; chance: ShiftChance },
): TestedPart {
  if (to - from < 2 * FEWEST_BESIDE) return { from, to, p: 1, at: from }
  const { at, p } = chance.test(values.slice(from, to), level)
  return { from, to, p, at: from + at }
}

/** Returns the changes, each at the largest shift between its neighbours: a first division is imprecise where others follow. */
function settled(values: readonly number[], changes: readonly number[]): number[] {
  const moved = [0, ...changes, values.length]
  for (let index = 1; index < moved.length - 1; index++) {
    const [from, to] = [moved[index - 1]!, moved[index + 1]!]
    moved[index] = from + largestSplit(normalScores(values.slice(from, to)))
  }
  return moved.slice(1, -1)
}
