/** Coefficients of Lanczos's approximation with g = 607/128, by P. Godfrey, for sums that start at x + 1, x > 0. */
const LANCZOS = [
  57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 0.00003399464998481189,
  0.00004652362892704858, -0.00009837447530487956, 0.0001580887032249125, -0.00021026444172410488,
  0.0002174396181152126, -0.0001643181065367639, 0.00008441822398385275, -0.000026190838401581408,
  0.000003689918265953162,
]
/** Relative change at which a series has converged. */
const SETTLED = 1e-16
/** The largest shapes need some hundred terms. The limit guards against a series that rounding keeps going. */
const MOST_TERMS = 10_000
const SMALLEST = 1e-300

/** ln Γ(x) for x > 0, to about 15 digits. */
export function logGamma(x: number): number {
  const base = x + 5.2421875
  const sum = LANCZOS.reduce((sum, coefficient, at) => sum + coefficient / (x + 1 + at), 0.9999999999999971)
  return (x + 0.5) * Math.log(base) - base + Math.log((2.5066282746310007 * sum) / x)
}

/** The regularised incomplete gamma function for one shape, x ≥ 0: the distribution function of a gamma distribution of scale 1. */
export class IncompleteGamma {
  readonly shape: number
  readonly #logGamma: number

  constructor(shape: number) {
    this.shape = shape
    this.#logGamma = logGamma(shape)
  }

  /** P(x): the share of values up to x. */
  lower(x: number): number {
    if (!(x > 0)) return 0
    return x < this.shape + 1 ? this.#series(x) : 1 - this.#fraction(x)
  }

  /** Q(x) = 1 − P(x), with full precision where it is small. */
  upper(x: number): number {
    if (!(x > 0)) return 1
    return x < this.shape + 1 ? 1 - this.#series(x) : this.#fraction(x)
  }

  /** x^shape · e^−x ÷ Γ(shape): the density times x. */
  weight(x: number): number {
    return Math.exp(this.shape * Math.log(x) - x - this.#logGamma)
  }

  #series(x: number): number {
    let [term, sum] = [1 / this.shape, 1 / this.shape]
    for (let at = this.shape + 1; term > sum * SETTLED; at++) {
      term *= x / at
      sum += term
    }
    return sum * this.weight(x)
  }

  /** Evaluates the continued fraction by Lentz's method. */
  #fraction(x: number): number {
    if (x === Number.POSITIVE_INFINITY) return 0
    let b = x + 1 - this.shape
    let c = 1 / SMALLEST
    let d = 1 / b
    let fraction = d
    for (let at = 1; at < MOST_TERMS; at++) {
      const a = -at * (at - this.shape)
      b += 2
      d = 1 / nonZero(a * d + b)
      c = nonZero(b + a / c)
      const factor = c * d
      fraction *= factor
      if (Math.abs(factor - 1) <= 2 * SETTLED) break
    }
    return fraction * this.weight(x)
  }
}

function nonZero(x: number): number {
  return Math.abs(x) < SMALLEST ? SMALLEST : x
}
