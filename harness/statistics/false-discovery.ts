/**
 * Returns for each p the smallest false discovery rate at which it counts as a discovery, in the order given (Benjamini and Hochberg,
 * 1995). Of everything that is called a difference at a limit of 0.05, on average 5 % at most are none.
 */
export function falseDiscoveryRates(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[b]! - ps[a]!)
  const rates = ps.map(() => 1)
  let smallest = 1
  order.forEach((index, at) => {
    const rank = ps.length - at
    smallest = Math.min(smallest, (ps[index]! * ps.length) / rank)
    rates[index] = smallest
  })
  return rates
}

/**
 * Returns the level of the intervals of selected differences, so that on average a share `rate` of these intervals at most misses the truth
 * (Benjamini and Yekutieli, 2005). With fewer selected out of many, intervals are wider.
 */
export function selectedLevel(selected: number, tested: number, rate: number): number {
  return 1 - (Math.max(1, selected) * rate) / Math.max(1, tested)
}
