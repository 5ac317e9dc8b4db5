import { type Registry, Summary } from '@prometheus-io/client'
import type { Station } from '../capacity/station.ts'
import type { ActiveRule } from '../faults/active-rule.ts'
import { Histogram } from '../../core/histogram.ts'
import type { ScrapedMetrics } from './scraped-metrics.ts'

/** Maximum number of rules with separate metrics. The others are summed, because the number of rules has no such limit. */
const MOST_LABELS = 256
const REST = '(other)'

/** The state at the moment of one scrape, so that all its metrics agree. */
export interface FaultState {
  rules: readonly ActiveRule[]
  stations: readonly (readonly [name: string, station: Station])[]
}

/**
 * Registers the metrics of the current rules and stations. They count from when a rule was set, or from the last reset
 * of the ledger.
 */
export function registerFaultMetrics(metrics: ScrapedMetrics, read: () => FaultState): void {
  const byRule = (count: (rule: ActiveRule) => number) => () =>
    read().rules.map((rule, index) => {
      const labels = index < MOST_LABELS ? { rule: rule.id, type: rule.fault.type } : { rule: REST, type: REST }
      return [labels, count(rule)] as const
    })
  metrics.counter(
    'loadcell_fault_matched_total',
    'Exchanges, connections or messages that a fault rule matched.',
    byRule(({ book }) => book.matched),
    ['rule', 'type'],
  )
  metrics.counter(
    'loadcell_fault_injected_total',
    'Exchanges, connections or messages into which the rule injected its fault.',
    byRule(({ book }) => book.injected),
    ['rule', 'type'],
  )

  const stations = () =>
    read().stations.map(([name, station], index) => ({ name: index < MOST_LABELS ? name : REST, station }))
  const stationMetric = (kind: 'counter' | 'gauge', name: string, help: string, value: (station: Station) => number) =>
    metrics[kind](
      name,
      help,
      () => stations().map(({ name, station }) => [{ station: name }, value(station)] as const),
      ['station'],
    )
  stationMetric('gauge', 'loadcell_station_servers', 'Servers of a station.', ({ settings }) => settings.servers)
  stationMetric('gauge', 'loadcell_station_busy_servers', 'Busy servers of a station.', ({ busy }) => busy)
  stationMetric('gauge', 'loadcell_station_queued', 'Exchanges waiting for a server.', ({ queued }) => queued)
  stationMetric(
    'counter',
    'loadcell_station_arrivals_total',
    'Exchanges that arrived at a station.',
    ({ book }) => book.arrived,
  )
  stationMetric('counter', 'loadcell_station_served_total', 'Completed services.', ({ book }) => book.served)
  metrics.counter(
    'loadcell_station_unserved_total',
    'Exchanges that were not served, by cause.',
    () =>
      stations().flatMap(({ name, station: { book } }) => {
        const { turnedAway, timedOut, abandoned, released } = book
        const causes = { turned_away: turnedAway, timed_out: timedOut, abandoned, released }
        return Object.entries(causes).map(([cause, count]) => [{ station: name, cause }, count] as const)
      }),
    ['station', 'cause'],
  )

  const stationTimes = (name: string, help: string, timesOf: (station: Station) => Histogram) =>
    new StationTimes({
      registry: metrics.registry,
      name,
      help,
      read: () => merged(stations().map(({ name: label, station }) => [label, timesOf(station)])),
    })
  stationTimes(
    'loadcell_station_wait_seconds',
    'Times that exchanges waited until their service began.',
    ({ book }) => book.wait,
  )
  stationTimes('loadcell_station_service_seconds', 'Times that completed services took.', ({ book }) => book.service)
}

function merged(times: readonly [station: string, times: Histogram][]): [station: string, times: Histogram][] {
  const rest = new Histogram()
  const apart = times.filter(([station]) => station !== REST)
  if (apart.length < times.length) {
    for (const [, histogram] of times.slice(apart.length)) rest.merge(histogram)
    apart.push([REST, rest])
  }
  return apart
}

const QUANTILES = [0.5, 0.9, 0.99]

interface StationTimesOptions {
  registry: Registry
  name: string
  help: string
  /** Histograms in ms by station, as they are now. */
  read: () => Iterable<[station: string, times: Histogram]>
}

/** Shows histograms in ms as a Prometheus summary in seconds. Each scrape reads the histograms; nothing calls `observe`. */
class StationTimes extends Summary<'station' | 'quantile'> {
  readonly #read: StationTimesOptions['read']

  constructor({ registry, name, help, read }: StationTimesOptions) {
    super({ name, help, labelNames: ['station'], registers: [registry] })
    this.#read = read
  }

  override async get() {
    const { name, ...description } = await super.get()
    const values = Array.from(this.#read(), ([station, times]) => [
      ...QUANTILES.map(quantile => ({
        labels: { quantile, station },
        value: times.percentile(quantile * 100) / 1000,
      })),
      { metricName: `${name}_sum`, labels: { station }, value: times.sumMs / 1000 },
      { metricName: `${name}_count`, labels: { station }, value: times.count },
    ])
    return { ...description, name, values: values.flat() }
  }
}
