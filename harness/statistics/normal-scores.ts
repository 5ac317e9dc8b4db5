import { normalQuantile } from '../../core/normal.ts'

/**
 * Returns for each value the normal quantile of its rank (van der Waerden), in the order given. Equal values share the mean of their
 * scores. A test of such scores is valid for every kind of noise, one run far off the others has little weight, and nothing is lost
 * where noise is normal (Chernoff and Savage, 1958).
 */
export function normalScores(values: readonly number[]): Float64Array {
  const scores = new Float64Array(values.length)
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    let sum = 0
    for (let rank = from; rank < to; rank++) sum += normalQuantile((rank + 1) / (values.length + 1))
    for (let rank = from; rank < to; rank++) scores[order[rank]!] = sum / (to - from)
    from = to
  }
  return scores
}
