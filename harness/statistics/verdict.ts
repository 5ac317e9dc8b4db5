import type { Effect } from './effect.ts'
import { falseDiscoveryRates, selectedLevel } from './false-discovery.ts'
import { roundsFor, smallestDetectable } from './power.ts'
import type { Scale } from './scale.ts'

/** A change, relative to the base, or for shares a difference. Positive is more. */
export interface ChangeInterval {
  level: number
  low: number
  high: number
}

/** One of three answers: there is a difference, there is none that matters, or these runs cannot tell. */
export interface DifferenceVerdict {
  state: 'more' | 'less' | 'same' | 'unclear'
  change: number
  interval: ChangeInterval
  /** Largest change that the interval allows, in either direction. */
  largest: number
  p: number
  /** The smallest false discovery rate at which it counts as a difference. */
  falseDiscoveryRate: number
  /** The smallest change for the worse that runs like these detect in four of five comparisons. */
  smallestDetectable: number
  /** Further runs of each side to detect a change as large as the tolerance, about. */
  moreRounds: number
}

/** A difference that is to be judged. `tolerance` is the largest change that does not matter. */
export interface TestedDifference {
  effect: Effect
  scale: Scale
  tolerance: number
  runs: readonly [number, number]
  /** Then a change for the worse is a decrease: an increase by a third may be impossible, a decrease not. */
  isMoreBetter?: boolean
}

/** Share of false ones that is accepted among the differences. */
export const FALSE_DISCOVERY_RATE = 0.05
const LEVEL = 1 - FALSE_DISCOVERY_RATE

/** Judges all differences of a comparison together, because among many some are large by chance. Pure. */
export function judgeDifferences(tested: readonly TestedDifference[]): DifferenceVerdict[] {
  const rates = falseDiscoveryRates(tested.map(({ effect }) => effect.p))
  const selected = rates.filter(rate => rate <= FALSE_DISCOVERY_RATE).length
  const level = selectedLevel(selected, tested.length, FALSE_DISCOVERY_RATE)
  return tested.map((difference, index) => {
    const rate = rates[index] ?? 1
    return judgeDifference(difference, rate, rate <= FALSE_DISCOVERY_RATE ? level : LEVEL)
  })
}

function judgeDifference(
  { effect, scale, tolerance, runs, isMoreBetter = false }: TestedDifference,
  falseDiscoveryRate: number,
  level: number,
): DifferenceVerdict {
  const base = scale.back(effect.base)
  const changeBy = (scaled: number) => scale.change(base, scale.back(effect.base + scaled))
  const reach = effect.reach(level)
  const interval = { level, low: changeBy(effect.difference - reach), high: changeBy(effect.difference + reach) }
  const largest = Math.max(Math.abs(interval.low), Math.abs(interval.high))
  const worse = isMoreBetter ? -1 : 1
  const tolerated = Math.abs(scale.of(scale.changed(base, worse * tolerance)) - effect.base)
  const rounds = roundsFor(tolerated, effect.deviation, LEVEL)
  return {
    state:
      falseDiscoveryRate <= FALSE_DISCOVERY_RATE
        ? effect.difference > 0
          ? 'more'
          : 'less'
        : largest <= tolerance
          ? 'same'
          : 'unclear',
    change: changeBy(effect.difference),
    interval,
    largest,
    p: effect.p,
    falseDiscoveryRate,
    smallestDetectable: changeBy(worse * smallestDetectable(effect, LEVEL)),
    moreRounds: Math.max(1, rounds - Math.min(...runs)),
  }
}
