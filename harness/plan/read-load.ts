import type { ArrivalSpacing, ExecutorName, LoadPlan, RampStage } from '../load/plan.ts'
import { at, type Inspector } from './inspector.ts'

/** Limits that no single machine reaches: a larger number is a mistake. */
export const MOST_USERS = 100_000
export const MOST_PER_SECOND = 1_000_000
const MOST_STAGES = 1000

const DEFAULT_GRACE_MS = 10_000
const DEFAULT_MAX_DURATION_MS = 600_000

const open = ['timeUnit', 'preAllocatedVUs', 'maxVUs', 'arrivals']
const keysByExecutor: Record<ExecutorName, readonly string[]> = {
  'constant-vus': ['vus', 'duration'],
  'ramping-vus': ['startVUs', 'stages', 'gracefulRampDown'],
  'per-vu-iterations': ['vus', 'iterations', 'maxDuration'],
  'shared-iterations': ['vus', 'iterations', 'maxDuration'],
  'constant-arrival-rate': ['rate', 'duration', ...open],
  'ramping-arrival-rate': ['startRate', 'stages', ...open],
}

/**
 * Returns undefined, and notes the reason, if the executor is missing or unknown.
 * @param more fields that the load may have besides those of its executor
 */
export function readLoad(
  inspector: Inspector,
  path: string,
  value: unknown,
  more: readonly string[] = [],
): LoadPlan | undefined {
  if (typeof value !== 'object' || value === null) {
    inspector.expected(path, "an object such as { executor: 'constant-vus', vus: 10, duration: '30s' }", value)
    return undefined
  }
  const executors = Object.keys(keysByExecutor) as ExecutorName[]
  const executor = inspector.oneOf(at(path, 'executor'), (value as { executor?: unknown }).executor, executors)
  if (executor === undefined) return undefined
  const fields = inspector.fields(path, value, ['executor', 'gracefulStop', ...keysByExecutor[executor], ...more])

  const users = (key: string, min = 1) =>
    inspector.number(at(path, key), fields[key], { min, max: MOST_USERS, integer: true })
  const durationMs = (key: string) => inspector.durationMs(at(path, key), fields[key], { above: 0 })
  const optionalMs = (key: string, fallbackMs: number) =>
    fields[key] === undefined ? fallbackMs : inspector.durationMs(at(path, key), fields[key])
  const gracefulStopMs = optionalMs('gracefulStop', DEFAULT_GRACE_MS)

  switch (executor) {
    case 'constant-vus':
      return { executor, vus: users('vus'), durationMs: durationMs('duration'), gracefulStopMs }
    case 'ramping-vus':
      return {
        executor,
        startVUs: fields['startVUs'] === undefined ? 0 : users('startVUs', 0),
        stages: readStages(inspector, at(path, 'stages'), fields['stages'], { max: MOST_USERS, integer: true }),
        gracefulRampDownMs: optionalMs('gracefulRampDown', DEFAULT_GRACE_MS),
        gracefulStopMs,
      }
    case 'per-vu-iterations':
    case 'shared-iterations': {
      const iterations = inspector.number(at(path, 'iterations'), fields['iterations'], { min: 1, integer: true })
      const vus = users('vus')
      if (executor === 'shared-iterations' && iterations < vus && inspector.errors.length === 0) {
        inspector.note(
          at(path, 'iterations'),
          `expected at least as many as there are users (${vus}), got ${iterations}`,
        )
      }
      return {
        executor,
        vus,
        iterations,
        maxDurationMs: optionalMs('maxDuration', DEFAULT_MAX_DURATION_MS),
        gracefulStopMs,
      }
    }
    case 'constant-arrival-rate': {
      const timeUnitMs = readTimeUnit()
      const rate = perSecond(at(path, 'rate'), fields['rate'], timeUnitMs, { above: 0 })
      return {
        executor,
        ratePerSecond: rate,
        durationMs: durationMs('duration'),
        timeUnitMs,
        gracefulStopMs,
        ...openUsers(rate),
      }
    }
    case 'ramping-arrival-rate': {
      const timeUnitMs = readTimeUnit()
      const start =
        fields['startRate'] === undefined
          ? 0
          : perSecond(at(path, 'startRate'), fields['startRate'], timeUnitMs, { min: 0 })
      const stages = readStages(inspector, at(path, 'stages'), fields['stages'], {}).map(
        ({ durationMs, target }, index) => ({
          durationMs,
          target: perSecond(at(at(at(path, 'stages'), index), 'target'), target, timeUnitMs, { min: 0 }),
        }),
      )
      const peak = Math.max(start, ...stages.map(({ target }) => target))
      return { executor, startRatePerSecond: start, stages, timeUnitMs, gracefulStopMs, ...openUsers(peak) }
    }
  }

  /** Reads a rate and checks it per second, in any unit of time. */
  function perSecond(
    place: string,
    value: unknown,
    timeUnitMs: number,
    range: { above?: number; min?: number },
  ): number {
    return (inspector.number(place, value, { ...range, max: mostPer(timeUnitMs) }) * 1000) / timeUnitMs
  }

  function readTimeUnit(): number {
    if (fields['timeUnit'] === undefined) return 1000
    const known = inspector.errors.length
    const timeUnitMs = inspector.durationMs(at(path, 'timeUnit'), fields['timeUnit'], { above: 0 })
    // An invalid unit does not make the rate invalid.
    return inspector.errors.length > known ? 1000 : timeUnitMs
  }

  function openUsers(peakPerSecond: number): { preAllocatedVUs: number; maxVUs: number; arrivals: ArrivalSpacing } {
    const preAllocatedVUs =
      fields['preAllocatedVUs'] === undefined ? usersForRate(peakPerSecond) : users('preAllocatedVUs')
    const maxVUs = fields['maxVUs'] === undefined ? 2 * preAllocatedVUs : users('maxVUs')
    if (maxVUs < preAllocatedVUs) {
      inspector.note(at(path, 'maxVUs'), `expected at least preAllocatedVUs (${preAllocatedVUs}), got ${maxVUs}`)
    }
    const arrivals =
      fields['arrivals'] === undefined
        ? 'constant'
        : inspector.oneOf<ArrivalSpacing>(at(path, 'arrivals'), fields['arrivals'], ['constant', 'poisson'])
    return { preAllocatedVUs, maxVUs, arrivals: arrivals ?? 'constant' }
  }
}

/** Returns the highest rate in a unit of time, rounded to six digits. */
export function mostPer(timeUnitMs: number): number {
  return Number(((MOST_PER_SECOND * timeUnitMs) / 1000).toPrecision(6))
}

/** Returns the number of users that a rate needs if an iteration takes a second. */
function usersForRate(ratePerSecond: number): number {
  return Math.min(MOST_USERS, Math.max(1, Math.ceil(ratePerSecond)))
}

function readStages(
  inspector: Inspector,
  path: string,
  value: unknown,
  range: { max?: number; integer?: boolean },
): RampStage[] {
  const items = inspector.list(path, value)
  if (items.length > MOST_STAGES) inspector.expected(path, `at most ${MOST_STAGES} stages`, value)
  const stages = items.slice(0, MOST_STAGES).map((item, index) => {
    const place = at(path, index)
    const { duration, target } = inspector.fields(place, item, ['duration', 'target'])
    return {
      durationMs: inspector.durationMs(at(place, 'duration'), duration),
      target: inspector.number(at(place, 'target'), target, { min: 0, ...range }),
    }
  })
  if (stages.length > 0 && stages.every(({ durationMs }) => durationMs === 0)) {
    inspector.expected(path, 'at least one stage that lasts longer than 0', value)
  }
  return stages
}
