import type { CapacityCurve, CapacityProbe, OperationPoint } from './capacity-result.ts'

/** A probe that grew less than its load by this share, and by so many standard errors, has reached the ceiling. */
const SHORTFALL = 0.05
const CLEAR_ERRORS = 2
/** An operation degrades when its response time is this many times that at the lightest load, and at least so much longer. */
const DEGRADED = 2
const LEAST_SLOWER_MS = 2
/** An operation fails when this share of its requests does, beyond the share at the lightest load. */
const FAILING_SHARE = 0.01
const FEWEST_REQUESTS = 20
const FEWEST_POINTS = 5
/** Two lines explain the response times better than one when they leave at most this share of the deviations. */
const MOST_LEFT = 0.5
const LEAST_STEEPER = 2

/** Returns what the probes say about throughput, latency and single operations. Pure. */
export function curveOf(probes: readonly CapacityProbe[]): CapacityCurve {
  const measured = probes.filter(({ state }) => state !== 'generator_limit' && state !== 'ended')
  const byLoad = measured.toSorted((a, b) => a.load - b.load)
  return { ...ceilingOf(byLoad), ...inflectionOf(byLoad), ...firstToDegrade(byLoad) }
}

function ceilingOf(byLoad: readonly CapacityProbe[]): Pick<CapacityCurve, 'ceiling'> {
  const best = byLoad.toSorted((a, b) => b.iterationsPerSecond - a.iterationsPerSecond)[0]
  if (best === undefined) return {}
  const { iterationsPerSecond, load } = best
  const heaviest = byLoad.at(-1)!
  const light = byLoad[0]!
  // What the heaviest probe would complete if each unit of load brought as much as in the lightest one.
  const proportional = (light.iterationsPerSecond / light.load) * heaviest.load
  // A probe of a few iterations may have twice as many by chance.
  const error = Math.hypot(...[light, heaviest].map(probe => 1 / Math.sqrt(Math.max(1, iterationsOf(probe)))))
  const shortfall = Math.max(SHORTFALL, CLEAR_ERRORS * error)
  const reached = heaviest.load > light.load && heaviest.iterationsPerSecond < (1 - shortfall) * proportional
  return { ceiling: { iterationsPerSecond, load, reached } }
}

function iterationsOf({ iterationsPerSecond, measuredMs }: CapacityProbe): number {
  return (iterationsPerSecond * measuredMs) / 1000
}

/** Fits two lines that meet to the logarithm of p95 over the load. */
function inflectionOf(byLoad: readonly CapacityProbe[]): Pick<CapacityCurve, 'inflection'> {
  const points = byLoad
    .filter(({ state, response }) => state !== 'growing' && response.p95Ms > 0)
    .map(({ load, response }) => ({ x: load, y: Math.log(response.p95Ms) }))
  if (points.length < FEWEST_POINTS) return {}
  const straight = hingeFit(points, Number.NEGATIVE_INFINITY)
  const hinges = points.slice(1, -1).map(({ x }) => hingeFit(points, x))
  const best = hinges.toSorted((a, b) => a.squares - b.squares)[0]
  if (best === undefined || best.squares > MOST_LEFT * straight.squares) return {}
  const { hinge, before, after } = best
  if (after <= 0 || after < LEAST_STEEPER * Math.max(0, before)) return {}
  return { inflection: { load: hinge, steeper: Math.min(1000, after / Math.max(before, after / 1000)) } }
}

interface HingeFit {
  hinge: number
  squares: number
  /** Slopes on both sides. */
  before: number
  after: number
}

/** Least squares for y = a + b·x + c·max(0, x − hinge). */
function hingeFit(points: readonly { x: number; y: number }[], hinge: number): HingeFit {
  const bend = (x: number) => (hinge === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, x - hinge))
  const count = points.length
  const mean = (of: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / count
  const [mx, my, mb] = [mean(({ x }) => x), mean(({ y }) => y), mean(({ x }) => bend(x))]
  const sum = (of: (x: number, y: number, b: number) => number) =>
    points.reduce((total, { x, y }) => total + of(x - mx, y - my, bend(x) - mb), 0)
  const [xx, xb, bb, xy, by] = [
    sum(x => x * x),
    sum((x, _, b) => x * b),
    sum((_, __, b) => b * b),
    sum((x, y) => x * y),
    sum((_, y, b) => b * y),
  ]
  const determinant = xx * bb - xb * xb
  const isBent = determinant > 1e-9 * xx * bb && bb > 0
  const before = xx === 0 ? 0 : isBent ? (xy * bb - by * xb) / determinant : xy / xx
  const change = isBent ? (by * xx - xy * xb) / determinant : 0
  const squares = sum((x, y, b) => (y - before * x - change * b) ** 2)
  return { hinge, squares, before, after: before + change }
}

/** Returns the operation that degrades at the lowest load and stays so; of several at one load, the one that got worst. */
function firstToDegrade(byLoad: readonly CapacityProbe[]): Pick<CapacityCurve, 'firstToDegrade'> {
  const keyOf = ({ method, name }: OperationPoint) => JSON.stringify([method, name])
  const keys = new Set(byLoad.flatMap(({ operations }) => operations.map(keyOf)))
  const found = [...keys].flatMap(key => {
    const points = byLoad.flatMap(({ load, operations }) =>
      operations
        .filter(point => keyOf(point) === key && point.requests >= FEWEST_REQUESTS)
        .map(point => ({ load, ...point })),
    )
    const [light] = points
    if (light === undefined) return []
    const reasonOf = (point: OperationPoint) => reasonToCall(point, light)
    const since = points.findLastIndex(point => reasonOf(point) === undefined) + 1
    const first = points[since]
    if (first === undefined) return []
    const { method, name, load, p95Ms } = first
    return [{ method, name, load, reason: reasonOf(first)!, p95Ms, lightP95Ms: light.p95Ms }]
  })
  const worst = (one: (typeof found)[number]) => one.p95Ms / Math.max(one.lightP95Ms, 1e-3)
  const [first] = found.sort((a, b) => a.load - b.load || worst(b) - worst(a))
  return first === undefined ? {} : { firstToDegrade: first }
}

function reasonToCall(point: OperationPoint, light: OperationPoint): 'slower' | 'fails' | undefined {
  if (point.failed / point.requests > light.failed / light.requests + FAILING_SHARE) return 'fails'
  const isSlower = point.p95Ms >= DEGRADED * light.p95Ms && point.p95Ms - light.p95Ms >= LEAST_SLOWER_MS
  return isSlower ? 'slower' : undefined
}
