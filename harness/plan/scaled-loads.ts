import type { Duration } from '../../core/duration.ts'
import { isOpen, peakOf, plannedMsOf } from '../load/plan.ts'
import { plannedMsOfAll } from '../load/run-load.ts'
import type { Inspector } from './inspector.ts'
import { canReshape, lengthUnder, type ProfileName, reshape } from './profiles.ts'
import { MOST_USERS, mostPer } from './read-load.ts'
import type { WrittenLoad } from './read-loads.ts'
import { withDuration, withPeak } from './scale.ts'

/** Options that change the size, the length and the shape of loads. */
interface ScaleOptions {
  vus?: number
  rate?: number
  duration?: Duration
  profile: ProfileName | undefined
}

/** Returns the loads with the options applied. Notes options that do not fit them. */
export function scaledLoads(inspector: Inspector, loads: readonly WrittenLoad[], options: ScaleOptions): WrittenLoad[] {
  for (const { load, path } of loads)
    if (peakOf(load) === 0) inspector.note(path, 'expected a target above 0 in at least one stage')
  if (inspector.errors.length > 0) return [...loads]
  return stretchedLoads(inspector, withPeaks(inspector, loads, options), options)
}

/** Applies `--vus` and `--rate`, which fit a single load. */
function withPeaks(inspector: Inspector, loads: readonly WrittenLoad[], { vus, rate }: ScaleOptions): WrittenLoad[] {
  const [first, ...others] = loads
  if (first === undefined || (vus === undefined && rate === undefined)) return [...loads]
  if (others.length > 0) {
    if (vus !== undefined)
      noteSeveral(
        inspector,
        '--vus',
        'driven by users',
        loads.filter(({ load }) => !isOpen(load)),
      )
    if (rate !== undefined)
      noteSeveral(
        inspector,
        '--rate',
        'driven by arrivals',
        loads.filter(({ load }) => isOpen(load)),
      )
    return [...loads]
  }
  let { load } = first
  const { executor } = load
  if (vus !== undefined) {
    const peak = inspector.number('--vus', vus, { min: 1, max: MOST_USERS, integer: true })
    if (isOpen(load)) inspector.note('--vus', `does not fit ${executor}, which is driven by arrivals; use --rate`)
    else load = withPeak(load, peak)
  }
  if (rate !== undefined) {
    if (isOpen(load)) {
      const peak = inspector.number('--rate', rate, { above: 0, max: mostPer(load.timeUnitMs) })
      load = withPeak(load, (peak * 1000) / load.timeUnitMs)
    } else inspector.note('--rate', `does not fit ${executor}, which is driven by users; use --vus`)
  }
  return [{ ...first, load }]
}

function noteSeveral(inspector: Inspector, flag: string, kind: string, fitting: readonly WrittenLoad[]): void {
  const names = fitting.map(({ name }) => name).join(', ')
  const advice = names === '' ? `and none of them is ${kind}` : `choose one that is ${kind} with --only: ${names}`
  inspector.note(flag, `does not fit several loads; ${advice}`)
}

/** Applies `--duration` and `--profile`, which stretch start times and lengths together. */
function stretchedLoads(
  inspector: Inspector,
  loads: readonly WrittenLoad[],
  { duration, profile }: ScaleOptions,
): WrittenLoad[] {
  const givenMs = duration === undefined ? undefined : inspector.durationMs('--duration', duration, { above: 0 })
  const fixed = loads.find(({ load }) => !canReshape(load))
  if (fixed !== undefined) {
    const what = fixed.name === undefined ? fixed.load.executor : `${fixed.name} (${fixed.load.executor})`
    const instead = loads.length === 1 ? 'use a scenario with a duration' : 'choose others with --only'
    const reason = `does not fit ${what}, which ends when its iterations are done; ${instead}`
    if (givenMs !== undefined) inspector.note('--duration', reason)
    if (profile !== undefined) inspector.note('--profile', reason)
    return [...loads]
  }
  if (givenMs === undefined && profile === undefined) return [...loads]
  const wholeMs = plannedMsOfAll(loads)
  const lengthMs = givenMs ?? (profile === undefined ? wholeMs : lengthUnder(profile, wholeMs))
  const factor = lengthMs / wholeMs
  return loads.map(written => {
    const { startMs, load, users } = written
    const ownMs = plannedMsOf(load)
    // Without a rounding error for a load that lasts as long as the run.
    const durationMs = ownMs === wholeMs ? lengthMs : factor * ownMs
    return {
      ...written,
      startMs: startMs * factor,
      load:
        profile === undefined
          ? withDuration(load, durationMs)
          : reshape(load, profile, { durationMs, kinds: users.length }),
    }
  })
}
