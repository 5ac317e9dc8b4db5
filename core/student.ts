/** Distribution function of Student's t, for a whole number of degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4). */
export function studentCdf(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees))
  const square = Math.cos(angle) ** 2
  let term = degrees % 2 === 0 ? 1 : Math.cos(angle)
  let sum = degrees === 1 ? 0 : term
  for (let step = degrees % 2 === 0 ? 2 : 3; step < degrees; step += 2) {
    term *= ((step - 1) / step) * square
    sum += term
  }
  const within = degrees % 2 === 0 ? Math.sin(angle) * sum : (2 / Math.PI) * (angle + Math.sin(angle) * sum)
  return (1 + within) / 2
}

/** Beyond this many degrees of freedom the distribution hardly changes any more. */
const MOST_DEGREES = 10_000
const HALVINGS = 200

/** Returns the quantile of Student's t, by bisection of its distribution function. */
export function studentQuantile(q: number, degrees: number): number {
  if (q < 0.5) return -studentQuantile(1 - q, degrees)
  const whole = Math.max(1, Math.min(Math.floor(degrees), MOST_DEGREES))
  let low = 0
  let high = 1
  while (studentCdf(high, whole) < q && high < 1e12) high *= 2
  for (let halving = 0; halving < HALVINGS && high - low > 1e-12 * high; halving++) {
    const middle = (low + high) / 2
    if (studentCdf(middle, whole) < q) low = middle
    else high = middle
  }
  return (low + high) / 2
}
