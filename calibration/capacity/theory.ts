import type { StationReport } from '../../contract/faults/station-report.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import { meanWaitMarkovian, meanWaitOfOneServer } from '../../core/queueing.ts'
import { slowShareMarkovian, slowShareOfEvenServer } from '../../core/queueing-tails.ts'
import type { CapacitySubject, CapacityTheory } from '../../harness/capacity/capacity-result.ts'
import type { Threshold } from '../../harness/thresholds/threshold.ts'
import { settingsOf } from '../../target/capacity/station-settings.ts'
import type { RecordedProbe } from './recorded-probe.ts'

/** A station, as far as its theory needs it. Times are ms. */
export interface TheoryStation {
  name: string
  servers: number
  meanServiceMs: number
  kind: 'M' | 'D' | 'G'
  /** In order of arrival, without a timeout, and with so many places that the objective fails before they are taken. */
  isEndless: boolean
}

/** The search, and a probe with a light load and its ledger. A load is iterations per second. */
export interface TheoryEvidence extends RecordedProbe {
  subject: Pick<CapacitySubject, 'unit' | 'arrivals'>
  slo: readonly Threshold[]
  stations: readonly TheoryStation[]
}

const FEWEST_PLACES = 100
const HALVINGS = 60
/** Largest deviation from a whole request for each iteration, or from one visit for each request. */
const ONE = 0.02

/** Returns the stations of rules, except those that only name one. */
export function stationsOfRules(rules: readonly FaultRule[]): TheoryStation[] {
  return rules.flatMap(({ id, fault }) => {
    const settings = fault.type === 'capacity' ? settingsOf(fault) : undefined
    if (fault.type !== 'capacity' || settings === undefined) return []
    const { servers, service, serviceKind, queueLimit, discipline, timeoutMs } = settings
    return [
      {
        name: fault.station ?? id,
        servers,
        meanServiceMs: service.meanMs,
        kind: serviceKind,
        isEndless: discipline === 'fifo' && queueLimit >= FEWEST_PLACES && timeoutMs === Number.POSITIVE_INFINITY,
      },
    ]
  })
}

/** Returns the stations that a running target reports. */
export function stationsOfReports(reports: readonly StationReport[]): TheoryStation[] {
  return reports.map(({ name, servers, serviceMeanMs, theory, queueLimit, discipline, timeoutMs }) => ({
    name,
    servers,
    meanServiceMs: serviceMeanMs,
    kind: theory.serviceVariation === 0 ? 'D' : theory.serviceVariation === 1 ? 'M' : 'G',
    isEndless: discipline === 'fifo' && queueLimit >= FEWEST_PLACES && timeoutMs === undefined,
  }))
}

/** Returns what theory says about the busiest station; undefined for users, whose arrivals depend on the service, or without a station. */
export function theoryOfCapacity({
  subject,
  slo,
  stations,
  probe,
  ledger,
}: TheoryEvidence): CapacityTheory | undefined {
  if (subject.unit === 'users' || probe.iterationsPerSecond <= 0) return undefined
  const requests = ledger.operations.reduce((sum, { arrivals }) => sum + arrivals, 0)
  const visited = stations.flatMap(station => {
    const account = ledger.faults.stations.find(each => each.station === station.name)
    if (account === undefined || account.arrived === 0 || station.meanServiceMs <= 0) return []
    const visitsPerRequest = account.arrived / requests
    const visitsPerLoad = (visitsPerRequest * probe.requestsPerSecond) / probe.iterationsPerSecond
    const kneeLoad = ((station.servers / station.meanServiceMs) * 1000) / visitsPerLoad
    const stayMs = (account.wait.sumMs + account.service.sumMs) / Math.max(1, account.served)
    return [
      {
        station,
        visitsPerRequest,
        visitsPerLoad,
        kneeLoad,
        elsewhereMs: probe.response.meanMs - visitsPerRequest * stayMs,
      },
    ]
  })
  const [busiest] = visited.toSorted((a, b) => a.kneeLoad - b.kneeLoad)
  if (busiest === undefined) return undefined
  const { station, kneeLoad, visitsPerRequest, visitsPerLoad } = busiest
  const model = modelOf(station)
  const elsewhereMs = Math.max(0, busiest.elsewhereMs)
  const doubts = [
    ...(subject.arrivals === 'poisson' ? [] : ['the formulas are for Poisson arrivals']),
    ...(visited.length === 1 ? [] : ['requests visit several stations']),
    ...(Math.abs(probe.requestsPerSecond / probe.iterationsPerSecond - 1) <= ONE
      ? []
      : ['an iteration has several requests, which do not arrive independently']),
    ...(visitsPerRequest <= 1 + ONE ? [] : ['requests visit the station twice']),
    ...(station.isEndless ? [] : ['its queue is short, has a timeout or another order']),
    ...(model === 'G/G/c' ? ['there is no exact formula for these service times'] : []),
  ]
  const described = { station: station.name, model, kneeLoad }
  if (doubts.length > 0) return { ...described, remarks: doubts }
  const queue = { station, share: Math.min(1, visitsPerRequest), elsewhereMs }
  const bounds = slo.map(condition => highestRate(condition, queue))
  const known = bounds.filter(bound => bound !== undefined)
  if (known.length === 0) return { ...described, remarks: ['there is no formula for the objective'] }
  const load = (Math.min(...known) * 1000) / visitsPerLoad
  return { ...described, load, remarks: [`${elsewhereMs.toFixed(1)} ms outside of the station are allowed for`] }
}

export function modelOf({ servers, kind }: Pick<TheoryStation, 'servers' | 'kind'>): CapacityTheory['model'] {
  if (kind === 'M') return servers === 1 ? 'M/M/1' : 'M/M/c'
  return kind === 'D' && servers === 1 ? 'M/D/1' : 'G/G/c'
}

export interface TheoryQueue {
  station: Pick<TheoryStation, 'servers' | 'meanServiceMs' | 'kind'>
  /** Share of the requests that visit the station. */
  share: number
  /** Time of a request outside of the station. */
  elsewhereMs: number
}

/**
 * Returns the highest arrival rate at the station, per ms, at which a condition holds; undefined without a formula. A share of failed
 * requests has none, because an endless queue turns nobody away.
 */
export function highestRate(condition: Threshold, queue: TheoryQueue): number | undefined {
  const { metric, readings, aggregation, limit, comparison } = condition
  if (metric !== 'http_req_duration' || !comparison.startsWith('<')) return undefined
  const { station, share } = queue
  // Only where all requests visit the station, those with certain tags do as well.
  if (share < 1 - ONE && readings.some(reading => Object.keys(reading).length > 0)) return undefined
  const holds = aggregation === 'avg' ? meanHolds(limit, queue) : percentileHolds(aggregation, limit, queue)
  if (holds === undefined) return undefined
  let [low, high] = [0, station.servers / station.meanServiceMs]
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return low
}

/** Returns whether a mean is within its limit at an arrival rate per ms. */
function meanHolds(limit: number, { station, share, elsewhereMs }: TheoryQueue): (arrivalRate: number) => boolean {
  const { servers, meanServiceMs: meanService, kind } = station
  return arrivalRate => {
    const traffic = { arrivalRate, meanService, servers }
    const waitMs = kind === 'D' ? meanWaitOfOneServer(traffic, 0) : meanWaitMarkovian(traffic)
    return elsewhereMs + share * (waitMs + meanService) <= limit
  }
}

/** Returns whether a percentile is within its limit at an arrival rate per ms; undefined for a maximum, which has no limit. */
function percentileHolds(
  aggregation: Threshold['aggregation'],
  limit: number,
  { station, share, elsewhereMs }: TheoryQueue,
): ((arrivalRate: number) => boolean) | undefined {
  const percentile = aggregation === 'med' ? 50 : typeof aggregation === 'object' ? aggregation.percentile : 100
  if (percentile >= 100) return undefined
  const allowed = (1 - percentile / 100) / share
  return arrivalRate => slowShareAt(station, arrivalRate, limit - elsewhereMs) <= allowed
}

/** Returns the share of visits that stay longer than this at an arrival rate per ms. */
function slowShareAt(
  { servers, meanServiceMs, kind }: TheoryQueue['station'],
  arrivalRate: number,
  limitMs: number,
): number {
  if (limitMs <= 0) return 1
  const traffic = { arrivalRate, meanService: meanServiceMs, servers }
  return kind === 'D' ? slowShareOfEvenServer(traffic, limitMs) : slowShareMarkovian(traffic, limitMs)
}
