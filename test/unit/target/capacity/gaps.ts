import { exponential } from '../../../../core/distributions/closed-form.ts'
import { random } from '../../../../core/random.ts'
import { Gaps } from '../../../../target/capacity/station-book.ts'

/** Returns the gaps between arrivals at this rate. */
export function gaps(perMs: number, kind: 'poisson' | 'even', count = 20_000): Gaps {
  const gaps = new Gaps()
  const draws = exponential(1 / perMs)
  let at = 5000
  for (let arrival = 0; arrival < count; arrival++) {
    gaps.add(at)
    at += kind === 'even' ? 1 / perMs : draws.sample(random(3).fork(arrival), arrival)
  }
  return gaps
}
