import type { Duration } from '../../core/duration.ts'
import type { HttpDefaults } from '../scenario/http.ts'
import { DEFAULT_ENGINE, type EngineName } from '../client/engine/engine-names.ts'
import { isOpen, type LoadPlan, peakOf, plannedMsOf } from '../load/plan.ts'
import { at, Inspector } from './inspector.ts'
import { endingWithin, type FaultsPlan, stretched } from './faults-plan.ts'
import { canReshape, type ProfileName, profiles, reshape, thresholdsUnder, usersUnder } from './profiles.ts'
import { MOST_USERS, mostPer, readLoad } from './read-load.ts'
import { type DisturbancePlan, noteThoseOutside, readDisturbances, rescheduled } from './read-disturbances.ts'
import { noteUnfitFaults, readFaults } from './read-faults.ts'
import { noteUnmetNeeds, readNeeds } from './read-needs.ts'
import { noteTooMany, readGivenEndpoints, readObserved } from './read-observe.ts'
import { readHttp, readTargetSettings } from './read-settings.ts'
import { noteUnknownPhases, readGivenThresholds, readThresholds } from './read-thresholds.ts'
import { readUsers } from './read-users.ts'
import { withDuration, withPeak } from './scale.ts'
import { describeLoad } from './words.ts'
import type { ObservedEndpoint } from '../server/observed-endpoint.ts'
import type { Threshold } from '../thresholds/threshold.ts'
import type { UserPlan } from '../user/user-kind.ts'

/** The errors in a scenario or an option. Each line names the place, what was expected and what came. */
export class ScenarioError extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

/** Settings of the command line, which replace those of the scenario. */
export interface PlanOptions {
  /** Peak of virtual users, for closed models. */
  vus?: number
  /** Peak of iterations per the scenario's time unit, for open models. */
  rate?: number
  /** Length that the run is stretched or shortened to. */
  duration?: Duration
  profile?: string
  warmup?: Duration
  /** Name or path by which the scenario was run, for the command in the report; default: its name. */
  source?: string
  seed: number
  tags: Record<string, string>
  /** Settings of the embedded target by dotted key, which replace the scenario's own. */
  targetSettings?: Record<string, string>
  /** Share of the requests whose traces are sampled; each request then names its trace. */
  trace?: number
  engine?: EngineName | undefined
  /** Thresholds that are added to those of the scenario: `http_req_duration p(95)<200`. */
  thresholds?: string[]
  /** Endpoints that are observed besides those of the scenario: `prometheus=http://127.0.0.1:9100/metrics#node_load1`. */
  observe?: string[]
  /** Replaces the faults of the scenario. Their times are not stretched with the scenario. */
  faults?: { sources: string[]; faults: unknown }
}

/** Options that the command line set over the scenario; a repetition uses the same. */
export interface Overrides {
  vus?: number
  rate?: number
  duration?: string
  warmup?: string
  faults?: string[]
  thresholds?: string[]
  /** Without secrets. */
  observe?: string[]
  targetSettings?: Record<string, string>
  trace?: number
  engine?: EngineName
}

/** A scenario that can be run: checked, its defaults filled in, the options applied. */
export interface Plan {
  name: string
  source: string
  description?: string
  load: LoadPlan
  loadInWords: string
  /** Planned duration without warm-up and graceful stop; an upper bound if iterations are counted. */
  plannedMs: number
  warmupMs: number
  users: UserPlan[]
  thresholds: Threshold[]
  /** In order of time. */
  disturbances: DisturbancePlan[]
  /** They end by themselves some time after the planned end. */
  faults?: FaultsPlan | undefined
  /** Endpoints whose metrics are sampled during the run. */
  observed: ObservedEndpoint[]
  /** Maximum number of connections for requests; default: no limit. */
  connections?: number | undefined
  /** What sends its requests and opens its streams. */
  engine: EngineName
  /** Defaults of requests and streams. */
  http: HttpDefaults
  /** Share of the requests whose traces are sampled; without it, no request names a trace. */
  trace?: number | undefined
  seed: number
  tags: Record<string, string>
  /** Settings that the embedded target starts with, as text by dotted key. */
  targetSettings: Record<string, string>
  profile?: ProfileName
  overrides?: Overrides | undefined
}

const DEFAULT_WARMUP_MS = 3000
/** Time that faults may last after the planned end, if the harness is killed. */
const FAULTS_REMAIN_MS = 30_000
const MOST_CONNECTIONS = 65_535

/** Checks a scenario and applies the options. @throws ScenarioError with a line for each error */
export function createPlan(scenario: unknown, name: string, options: PlanOptions): Plan {
  const inspector = new Inspector()
  const fields = inspector.fields('', scenario, [
    'description',
    'load',
    'users',
    'thresholds',
    'warmup',
    'target',
    'disturb',
    'faults',
    'connections',
    'needs',
    'http',
    'observe',
  ])
  const written = readLoad(inspector, 'load', fields['load'])
  const users = readUsers(inspector, 'users', fields['users'])
  const own = readThresholds(inspector, 'thresholds', fields['thresholds'])
  const given = readGivenThresholds(inspector, '--threshold', options.thresholds ?? [])
  const description =
    fields['description'] === undefined ? undefined : inspector.text('description', fields['description'])
  const targetSettings = readTargetSettings(inspector, 'target', fields['target'])
  const disturbances = readDisturbances(inspector, 'disturb', fields['disturb'])
  if (written) noteThoseOutside(inspector, 'disturb', disturbances, plannedMsOf(written))
  const faults = readFaults(inspector, 'faults', fields['faults'])
  const connections = readConnections(inspector, fields['connections'])
  const http = readHttp(inspector, 'http', fields['http'])
  const alsoObserved = readGivenEndpoints(inspector, '--observe', options.observe ?? [])
  const observed = [...readObserved(inspector, 'observe', fields['observe']), ...alsoObserved]
  noteTooMany(inspector, 'observe', observed)
  const warmupMs = readWarmup(inspector, fields['warmup'], options.warmup)
  const profile = readProfile(inspector, options.profile)
  const needs = readNeeds(inspector, 'needs', fields['needs'])
  const load = written && applyOptions(inspector, written, profile, { ...options, kinds: users.length })
  if (load && needs) noteUnmetNeeds(inspector, needs, load, profile)
  const faultsOfRun = written && load && faultsOver(inspector, faults, options.faults, { written, load })
  if (load && inspector.errors.length === 0) {
    const phases = { faults: faultsOfRun, plannedMs: plannedMsOf(load) }
    noteUnknownPhases(inspector, 'thresholds', own, phases)
    noteUnknownPhases(inspector, '--threshold', given, phases)
  }
  if (written === undefined || load === undefined || inspector.errors.length > 0)
    throw new ScenarioError(inspector.errors)
  const thresholds = [...own, ...given]
  return {
    name,
    source: options.source ?? name,
    description,
    load,
    loadInWords: describeLoad(load),
    plannedMs: plannedMsOf(load),
    warmupMs,
    users: profile === undefined ? users : usersUnder(profile, users),
    thresholds: profile === undefined ? thresholds : thresholdsUnder(profile, thresholds),
    disturbances: rescheduled(disturbances, plannedMsOf(written), plannedMsOf(load)),
    faults: faultsOfRun,
    observed,
    connections,
    engine: options.engine ?? DEFAULT_ENGINE,
    http,
    trace: options.trace,
    seed: options.seed,
    tags: options.tags,
    targetSettings: { ...targetSettings, ...options.targetSettings },
    profile,
    overrides: overridesOf(options, alsoObserved),
  }
}

function readWarmup(inspector: Inspector, written: unknown, option: Duration | undefined): number {
  if (option !== undefined) return inspector.durationMs('--warmup', option)
  return written === undefined ? DEFAULT_WARMUP_MS : inspector.durationMs(at('', 'warmup'), written)
}

function readConnections(inspector: Inspector, written: unknown): number | undefined {
  if (written === undefined) return undefined
  return inspector.number('connections', written, { min: 1, max: MOST_CONNECTIONS, integer: true })
}

/** Returns the faults of the command line, or those of the scenario stretched like it. They end by themselves. */
function faultsOver(
  inspector: Inspector,
  own: FaultsPlan | undefined,
  given: PlanOptions['faults'],
  { written, load }: { written: LoadPlan; load: LoadPlan },
): FaultsPlan | undefined {
  const plannedMs = plannedMsOf(load)
  const path = given === undefined ? 'faults' : '--faults'
  const faults =
    given === undefined
      ? own && stretched(own, plannedMs / plannedMsOf(written))
      : readFaults(inspector, path, given.faults)
  if (faults === undefined) return undefined
  const lifetimeMs = plannedMs + load.gracefulStopMs + FAULTS_REMAIN_MS
  noteUnfitFaults(inspector, path, faults, { plannedMs, lifetimeMs })
  return endingWithin(faults, lifetimeMs)
}

function readProfile(inspector: Inspector, name: string | undefined): ProfileName | undefined {
  return name === undefined ? undefined : inspector.oneOf('--profile', name, Object.keys(profiles) as ProfileName[])
}

function applyOptions(
  inspector: Inspector,
  written: LoadPlan,
  profile: ProfileName | undefined,
  { vus, rate, duration, kinds }: PlanOptions & { kinds: number },
): LoadPlan {
  const { executor } = written
  if (peakOf(written) === 0) inspector.note('load', 'expected a target above 0 in at least one stage')
  if (inspector.errors.length > 0) return written
  let load = written
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
  const durationMs = duration === undefined ? undefined : inspector.durationMs('--duration', duration, { above: 0 })
  if (!canReshape(load)) {
    const reason = `does not fit ${executor}, which ends when its iterations are done; use a scenario with a duration`
    if (durationMs !== undefined) inspector.note('--duration', reason)
    if (profile !== undefined) inspector.note('--profile', reason)
    return load
  }
  if (profile !== undefined) return reshape(load, profile, { durationMs, kinds })
  return durationMs === undefined ? load : withDuration(load, durationMs)
}

function overridesOf(options: PlanOptions, observed: readonly ObservedEndpoint[]): Overrides | undefined {
  const { vus, rate, duration, warmup, targetSettings, faults, thresholds, trace, engine } = options
  return {
    vus,
    rate,
    duration: duration?.toString(),
    warmup: warmup?.toString(),
    targetSettings,
    faults: faults?.sources,
    ...(thresholds !== undefined && thresholds.length > 0 && { thresholds }),
    ...(trace !== undefined && { trace }),
    ...(engine !== undefined && { engine }),
    ...(observed.length > 0 && { observe: observed.map(({ flag }) => flag) }),
  }
}
