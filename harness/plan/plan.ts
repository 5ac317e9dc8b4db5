import type { Duration } from '../../core/duration.ts'
import type { MetricVocabulary } from '../metrics/vocabulary.ts'
import { type ScenarioVariable, shownValue } from '../scenario/given-variables.ts'
import type { Network } from '../client/engine/network.ts'
import type { HttpDefaults } from '../scenario/http.ts'
import type { LlmDefaults } from '../scenario/llm.ts'
import { DEFAULT_ENGINE, type EngineName } from '../client/engine/engine-names.ts'
import type { DeclaredHost } from '../client/address/hosts.ts'
import { concealUrl } from '../client/address/url-credentials.ts'
import { plannedMsOfAll, type RunLoad } from '../load/run-load.ts'
import { chosenLoads } from './chosen-loads.ts'
import { Inspector } from './inspector.ts'
import { type FaultsPlan, hasTimes } from './faults-plan.ts'
import { faultsOfRun } from './faults-of-run.ts'
import { type ProfileName, readProfile, thresholdsUnder } from './profiles.ts'
import { noteMissingObjective, readLlm } from './read-llm.ts'
import { readLoads } from './read-loads.ts'
import { type DisturbancePlan, noteThoseOutside, readDisturbances, rescheduled } from './read-disturbances.ts'
import { readFaults } from './read-faults.ts'
import { readHosts } from './read-hosts.ts'
import { noteUnmetNeeds, readNeeds } from './read-needs.ts'
import { type NetworkFlags, networkOverrides, type NetworkSources, readNetwork } from './read-network.ts'
import { noteTooMany, readGivenEndpoints, readObserved } from './read-observe.ts'
import { readConnections, readHttp, readTargetSettings, readWarmup } from './read-settings.ts'
import { readSetup, type SetupPlan, setupFields } from './read-setup.ts'
import {
  concernsAny,
  noteUnknownHosts,
  noteUnknownLoads,
  noteUnknownPhases,
  readGivenThresholds,
  readThresholds,
} from './read-thresholds.ts'
import { readVocabulary } from './read-vocabulary.ts'
import { readLoadThresholds, runLoads, thresholdsOf } from './run-loads.ts'
import { scaledLoads } from './scaled-loads.ts'
import { describeLoads } from './words.ts'
import type { ObservedEndpoint } from '../server/observed-endpoint.ts'
import type { Threshold } from '../thresholds/threshold.ts'

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
  /** Names of the loads that run; default: all. */
  only?: string[]
  warmup?: Duration
  /** Name or path by which the scenario was run, for the command in the report; default: its name. */
  source?: string
  seed: number
  tags: Record<string, string>
  /** Variables of the scenario; default: none. */
  variables?: ScenarioVariable[]
  /** Settings of the embedded target by dotted key, which replace the scenario's own. */
  targetSettings?: Record<string, string>
  /** Share of the requests whose traces are sampled; each request then names its trace. */
  trace?: number
  engine?: EngineName | undefined
  /** URLs of hosts of the scenario, by name. */
  hosts?: Record<string, string>
  /** Requests tell their run and key to a target that is not recognised as one of Loadcell's. */
  identify?: boolean
  /** Thresholds that are added to those of the scenario: `http_req_duration p(95)<200`. */
  thresholds?: string[]
  /** Endpoints that are observed besides those of the scenario: `prometheus=http://127.0.0.1:9100/metrics#node_load1`. */
  observe?: string[]
  /** Options of the command line and the environment about TLS and proxies. */
  network?: NetworkSources
  /** Replaces the faults of the scenario. Their times are not stretched with the scenario. */
  faults?: { sources: string[]; faults: unknown }
}

/** Options that the command line set over the scenario; a repetition uses the same. */
export interface Overrides extends NetworkFlags {
  vus?: number
  rate?: number
  duration?: string
  only?: string[]
  warmup?: string
  faults?: string[]
  thresholds?: string[]
  /** Without secrets. */
  observe?: string[]
  targetSettings?: Record<string, string>
  /** Without secrets. */
  variables?: Record<string, string>
  trace?: number
  engine?: EngineName
  /** Without secrets. */
  hosts?: Record<string, string>
  identify?: boolean
}

/** A scenario that can be run: checked, its defaults filled in, the options applied. */
export interface Plan extends SetupPlan {
  name: string
  source: string
  description?: string
  /** In the order in which the scenario has them. */
  loads: RunLoad[]
  loadInWords: string
  /** Planned duration without warm-up and graceful stop; an upper bound if iterations are counted. */
  plannedMs: number
  warmupMs: number
  thresholds: Threshold[]
  /** In order of time. */
  disturbances: DisturbancePlan[]
  /** They end by themselves some time after the planned end. */
  faults?: FaultsPlan | undefined
  /** Endpoints whose metrics are sampled during the run. */
  observed: ObservedEndpoint[]
  /** Metrics and tags that the scenario declares, and those of the harness. */
  vocabulary: MetricVocabulary
  /** Other servers that load is sent to. */
  hosts: DeclaredHost[]
  /** Maximum number of connections for requests; default: no limit. */
  connections?: number | undefined
  /** The engine that sends its requests and opens its streams. */
  engine: EngineName
  /** Defaults of requests and streams. */
  http: HttpDefaults
  llm: LlmDefaults
  /** How connections are made. It holds secrets. */
  network: Network
  /** Doubts about the scenario or an option that are no errors. */
  doubts: string[]
  /** Share of the requests whose traces are sampled; without it, no request names a trace. */
  trace?: number | undefined
  seed: number
  tags: Record<string, string>
  variables: ScenarioVariable[]
  /** Settings that the embedded target starts with, as text by dotted key. */
  targetSettings: Record<string, string>
  profile?: ProfileName
  overrides?: Overrides | undefined
}

/** Checks a scenario and applies the options. @throws ScenarioError with a line for each error */
export function createPlan(scenario: unknown, name: string, options: PlanOptions): Plan {
  const inspector = new Inspector()
  const fields = inspector.fields('', scenario, [
    'description',
    'load',
    'loads',
    'users',
    'thresholds',
    'warmup',
    'target',
    'disturb',
    'faults',
    'connections',
    'needs',
    'http',
    'llm',
    'hosts',
    'observe',
    'metrics',
    'tags',
    ...setupFields,
    'tls',
    'proxy',
  ])
  const vocabulary = readVocabulary(inspector, fields)
  const written = readLoads(inspector, fields)
  const ofLoads = readLoadThresholds(inspector, written, vocabulary)
  const own = readThresholds(inspector, 'thresholds', fields['thresholds'], vocabulary)
  const given = readGivenThresholds(inspector, '--threshold', options.thresholds ?? [], vocabulary)
  const description =
    fields['description'] === undefined ? undefined : inspector.text('description', fields['description'])
  const targetSettings = readTargetSettings(inspector, 'target', fields['target'])
  const disturbances = readDisturbances(inspector, 'disturb', fields['disturb'])
  if (written.length > 0) noteThoseOutside(inspector, 'disturb', disturbances, plannedMsOfAll(written))
  const faults = readFaults(inspector, 'faults', fields['faults'])
  const setup = readSetup(inspector, fields)
  const connections = readConnections(inspector, fields['connections'])
  const http = readHttp(inspector, 'http', fields['http'], options)
  const llm = readLlm(inspector, 'llm', fields['llm'])
  const hosts = readHosts(inspector, 'hosts', fields['hosts'], options.hosts ?? {})
  const doubts: string[] = []
  const network = readNetwork(inspector, fields, options.network ?? {}, doubt => doubts.push(doubt))
  const alsoObserved = readGivenEndpoints(inspector, '--observe', options.observe ?? [])
  const observed = [...readObserved(inspector, 'observe', fields['observe']), ...alsoObserved]
  noteTooMany(inspector, 'observe', observed)
  const warmupMs = readWarmup(inspector, fields['warmup'], options.warmup)
  const profile = readProfile(inspector, options.profile)
  const hasNames = fields['loads'] !== undefined
  const needs = readNeeds(inspector, 'needs', fields['needs'], { hasNames })
  const only = options.only ?? []
  const keepsTimes = disturbances.length > 0 || hasTimes(options.faults === undefined ? faults : undefined)
  const chosen = chosenLoads(inspector, written, only, { keepsTimes })
  const chosenMs = plannedMsOfAll(chosen)
  const scaled = scaledLoads(inspector, chosen, { ...options, profile })
  if (scaled.length === 0) throw new ScenarioError(inspector.errors)
  const plannedMs = plannedMsOfAll(scaled)
  if (only.length > 0) noteThoseOutside(inspector, '--only', disturbances, chosenMs)
  if (needs) noteUnmetNeeds(inspector, needs, scaled, options)
  const faultsToSet = faultsOfRun(inspector, faults, options.faults, { writtenMs: chosenMs, loads: scaled })
  const [allNames, names] = [namesOf(written), namesOf(scaled)]
  if (inspector.errors.length === 0) {
    const phases = { faults: faultsToSet, plannedMs }
    noteUnknownPhases(inspector, 'thresholds', own, phases)
    noteUnknownPhases(inspector, '--threshold', given, phases)
    noteUnknownHosts(inspector, 'thresholds', [...own, ...ofLoads.values()].flat(), namesOf(hosts))
    noteUnknownHosts(inspector, '--threshold', given, namesOf(hosts))
    noteUnknownLoads(inspector, 'thresholds', own, { all: allNames, chosen: allNames })
    noteUnknownLoads(inspector, '--threshold', given, { all: allNames, chosen: names })
    noteMissingObjective(inspector, 'thresholds', [...own, ...[...ofLoads.values()].flat()], llm)
    noteMissingObjective(inspector, '--threshold', given, llm)
  }
  if (inspector.errors.length > 0) throw new ScenarioError(inspector.errors)
  const ownOfRun = own.filter(threshold => concernsAny(threshold, names))
  const loads = runLoads(written, scaled, profile)
  const thresholds = [...ownOfRun, ...thresholdsOf(loads, ofLoads), ...given]
  return {
    name,
    source: options.source ?? name,
    description,
    loads,
    loadInWords: describeLoads(loads),
    plannedMs,
    warmupMs,
    ...setup,
    thresholds: profile === undefined ? thresholds : thresholdsUnder(profile, thresholds),
    disturbances: rescheduled(disturbances, chosenMs, plannedMs),
    faults: faultsToSet,
    observed,
    vocabulary,
    hosts,
    connections,
    engine: options.engine ?? DEFAULT_ENGINE,
    http,
    llm,
    network,
    doubts,
    trace: options.trace,
    seed: options.seed,
    tags: options.tags,
    variables: options.variables ?? [],
    targetSettings: { ...targetSettings, ...options.targetSettings },
    profile,
    overrides: overridesOf(options, alsoObserved),
  }
}

function namesOf(loads: readonly Pick<RunLoad, 'name'>[]): string[] {
  return loads.flatMap(({ name }) => name ?? [])
}

function overridesOf(options: PlanOptions, observed: readonly ObservedEndpoint[]): Overrides | undefined {
  const { vus, rate, duration, only, warmup, targetSettings, faults, thresholds, trace, engine } = options
  const { hosts = {}, identify } = options
  return {
    vus,
    rate,
    duration: duration?.toString(),
    ...(only !== undefined && only.length > 0 && { only }),
    warmup: warmup?.toString(),
    targetSettings,
    faults: faults?.sources,
    ...(thresholds !== undefined && thresholds.length > 0 && { thresholds }),
    ...(trace !== undefined && { trace }),
    ...givenVariablesIn(options.variables ?? []),
    ...(engine !== undefined && { engine }),
    ...networkOverrides(options.network),
    ...(Object.keys(hosts).length > 0 && { hosts: concealed(hosts) }),
    ...(identify && { identify }),
    ...(observed.length > 0 && { observe: observed.map(({ flag }) => flag) }),
  }
}

/** Returns the variables that the command line or the environment set. A secret of the environment is not repeated. */
function givenVariablesIn(variables: readonly ScenarioVariable[]): Pick<Overrides, 'variables'> {
  const given = variables.filter(({ from, isSecret }) => from === 'flag' || (from === 'environment' && !isSecret))
  if (given.length === 0) return {}
  return { variables: Object.fromEntries(given.map(variable => [variable.name, String(shownValue(variable))])) }
}

function concealed(hosts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(hosts).map(([name, url]) => [name, concealUrl(url)]))
}
