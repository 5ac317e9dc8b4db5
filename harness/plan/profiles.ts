import type { Inspector } from './inspector.ts'
import { isOpen, type LoadPlan, peakOf } from '../load/plan.ts'
import { parseExpression, type Threshold } from '../thresholds/threshold.ts'
import type { UserPlan } from '../user/user-kind.ts'
import { type Level, withPeak, withShape } from './scale.ts'

/** Another shape of the scenario's load for a purpose, relative to the scenario's peak and length. */
interface LoadProfile {
  /** Default length; `--duration` overrides it. */
  durationMs(ownMs: number): number
  /** Number of users of each kind, whatever their shares; in open models, iterations per second in total. */
  fewOfEach?: number
  levels: readonly Level[]
  /** End the run when a threshold fails. */
  abort?: true
}

const own = (ownMs: number) => ownMs

export const profiles = {
  /** Does it work at all? Two users of each kind, or two iterations a second, for ten seconds. */
  smoke: {
    durationMs: () => 10_000,
    fewOfEach: 2,
    levels: [
      { over: 0, level: 1 },
      { over: 1, level: 1 },
    ],
  },
  /** An ordinary day: up to the peak, hold, and down. */
  load: {
    durationMs: own,
    levels: [
      { over: 0.2, level: 1 },
      { over: 0.7, level: 1 },
      { over: 0.1, level: 0 },
    ],
  },
  /** More than planned: the peak, one and a half times the peak, and twice, each held. */
  stress: {
    durationMs: own,
    levels: [
      { over: 0.1, level: 1 },
      { over: 0.2, level: 1 },
      { over: 0.1, level: 1.5 },
      { over: 0.2, level: 1.5 },
      { over: 0.1, level: 2 },
      { over: 0.2, level: 2 },
      { over: 0.1, level: 0 },
    ],
  },
  /** A fifth of the peak, suddenly three times the peak, and back: does the target recover? */
  spike: {
    durationMs: own,
    levels: [
      { over: 0.1, level: 0.2 },
      { over: 0.2, level: 0.2 },
      { over: 0.02, level: 3 },
      { over: 0.25, level: 3 },
      { over: 0.03, level: 0.2 },
      { over: 0.35, level: 0.2 },
      { over: 0.05, level: 0 },
    ],
  },
  /** Seven tenths of the peak for an hour or longer: leaks and slow decay. */
  soak: {
    durationMs: ownMs => Math.max(ownMs, 3_600_000),
    levels: [
      { over: 0.05, level: 0.7 },
      { over: 0.93, level: 0.7 },
      { over: 0.02, level: 0 },
    ],
  },
  /** A steady rise to ten times the peak, until a threshold or 5 % of the requests fail. */
  breakpoint: { durationMs: own, levels: [{ over: 1, level: 10 }], abort: true },
} as const satisfies Record<string, LoadProfile>

export type ProfileName = keyof typeof profiles

/** Returns the length of a run under a profile, if no other one was requested. */
export function lengthUnder(name: ProfileName, ownMs: number): number {
  return profiles[name].durationMs(ownMs)
}

/** Returns the load in the shape of a profile. @param scenario its duration, and the number of kinds of user */
export function reshape(
  load: LoadPlan,
  name: ProfileName,
  { durationMs, kinds }: { durationMs: number; kinds: number },
): LoadPlan {
  const profile: LoadProfile = profiles[name]
  const few = profile.fewOfEach ?? Number.POSITIVE_INFINITY
  const most = isOpen(load) ? few : few * kinds
  const capped = peakOf(load) > most ? withPeak(load, most) : load
  return withShape(capped, durationMs, profile.levels)
}

/**
 * Returns the users with equal shares where a profile has few of them: otherwise a kind with a small share would never start.
 */
export function usersUnder(name: ProfileName, users: UserPlan[]): UserPlan[] {
  const profile: LoadProfile = profiles[name]
  return profile.fewOfEach === undefined ? users : users.map(user => ({ ...user, share: 1 }))
}

/** In the first seconds a few failures are a large share. */
const SETTLING_MS = 10_000

/** Returns the thresholds under a profile: some profiles end the run as soon as one fails. */
export function thresholdsUnder(name: ProfileName, thresholds: Threshold[]): Threshold[] {
  const profile: LoadProfile = profiles[name]
  if (!profile.abort) return thresholds
  const expression = 'rate<0.05'
  const fewFail: Threshold = {
    source: { metric: 'http_req_failed', expression },
    metric: 'http_req_failed',
    readings: [{}],
    ...parseExpression('http_req_failed', expression),
    abortOnFail: true,
    delayAbortEvalMs: SETTLING_MS,
  }
  return [...thresholds, fewFail].map(threshold => ({
    ...threshold,
    abortOnFail: true,
    delayAbortEvalMs: Math.max(threshold.delayAbortEvalMs, SETTLING_MS),
  }))
}

/** Iteration budgets have no level over time that could be reshaped. */
export function canReshape(load: LoadPlan): boolean {
  return isOpen(load) || load.executor === 'constant-vus' || load.executor === 'ramping-vus'
}

/** Reads the name of a profile; undefined without one. */
export function readProfile(inspector: Inspector, name: string | undefined): ProfileName | undefined {
  return name === undefined ? undefined : inspector.oneOf('--profile', name, Object.keys(profiles) as ProfileName[])
}
