/** For x > 0, of sums that begin with x + 1 (Lanczos's approximation with g = 607/128; the coefficients are P. Godfrey's). */
const LANCZOS = [
  57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 0.00003399464998481189,
  0.00004652362892704858, -0.00009837447530487956, 0.0001580887032249125, -0.00021026444172410488,
  0.0002174396181152126, -0.0001643181065367639, 0.00008441822398385275, -0.000026190838401581408,
  0.000003689918265953162,
]
/** Relative change at which a series has come to its end. */
const SETTLED = 1e-16
/** Enough for every shape up to a million; what has not settled by then never will. */
const MOST_TERMS = 10_000

/** ln Γ(x) for x > 0, to some 15 digits. */
export function logGamma(x: number): number {
  const base = x + 5.2421875
  const sum = LANCZOS.reduce((sum, coefficient, at) => sum + coefficient / (x + 1 + at), 0.9999999999999971)
  return (x + 0.5) * Math.log(base) - base + Math.log((2.5066282746310007 * sum) / x)
}

/** The share of a gamma distribution of scale 1 that lies up to x: the regularised lower incomplete gamma function P. */
export function gammaCdf(shape: number, x: number): number {
  if (!(x > 0)) return 0
  return x < shape + 1 ? lowerSeries(shape, x) : 1 - upperFraction(shape, x)
}

/** The share above x: Q = 1 − P, but with all its digits where it is small. */
export function gammaTail(shape: number, x: number): number {
  if (!(x > 0)) return 1
  return x < shape + 1 ? 1 - lowerSeries(shape, x) : upperFraction(shape, x)
}

function lowerSeries(shape: number, x: number): number {
  let [term, sum] = [1 / shape, 1 / shape]
  for (let at = shape + 1; at < shape + MOST_TERMS && term > sum * SETTLED; at++) {
    term *= x / at
    sum += term
  }
  return sum * commonFactor(shape, x)
}

/** Lentz's way through the continued fraction. */
function upperFraction(shape: number, x: number): number {
  if (x === Number.POSITIVE_INFINITY) return 0
  const least = 1e-300
  let b = x + 1 - shape
  let c = 1 / least
  let d = 1 / b
  let fraction = d
  for (let at = 1; at < MOST_TERMS; at++) {
    const a = -at * (at - shape)
    b += 2
    d = 1 / nonZero(a * d + b, least)
    c = nonZero(b + a / c, least)
    const factor = c * d
    fraction *= factor
    if (Math.abs(factor - 1) <= 2 * SETTLED) break
  }
  return fraction * commonFactor(shape, x)
}

function nonZero(x: number, least: number): number {
  return Math.abs(x) < least ? least : x
}

/** x^shape · e^−x ÷ Γ(shape) */
function commonFactor(shape: number, x: number): number {
  return Math.exp(shape * Math.log(x) - x - logGamma(shape))
}
