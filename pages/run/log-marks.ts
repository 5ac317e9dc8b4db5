const MOST_DECADES_WITH_PARTS = 2

/** Returns round values between two others, for an axis whose scale is logarithmic: 1, 2 and 5, or powers of ten over a longer range. */
export function logMarks(lowest: number, highest: number): number[] {
  const parts = Math.log10(highest / lowest) <= MOST_DECADES_WITH_PARTS ? [1, 2, 5] : [1]
  const [first, last] = [Math.floor(Math.log10(lowest)), Math.ceil(Math.log10(highest))]
  const decades = Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at))
  return decades
    .flatMap(decade => parts.map(part => Number((decade * part).toPrecision(3))))
    .filter(mark => mark >= lowest && mark <= highest)
}
