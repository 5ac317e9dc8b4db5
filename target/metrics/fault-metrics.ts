import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import { Histogram } from '../../core/histogram.ts'
import type { Station } from '../capacity/station.ts'
import type { ActiveRule } from '../faults/active-rule.ts'
import { StationTimes } from './station-times.ts'

/** Most rules with metrics of their own. The number of rules is not limited, so the rest is summed up. */
const MOST_LABELS = 256
const REST = '(other)'

/** The state at the moment of one scrape, so that all its metrics agree. */
export interface FaultState {
  rules: readonly ActiveRule[]
  stations: readonly (readonly [name: string, station: Station])[]
}

/** Rules and stations in force, with what they did since they were set, or the ledger was reset. `read` gives them. */
export function registerFaultMetrics(registry: Registry, read: () => FaultState): void {
  const register = { registers: [registry] }

  const ruleCounter = (name: string, help: string, count: (rule: ActiveRule) => number) =>
    new Counter({
      ...register,
      name,
      help,
      labelNames: ['rule', 'type'],
      collect() {
        this.reset()
        for (const [index, rule] of read().rules.entries()) {
          const labels = index < MOST_LABELS ? { rule: rule.id, type: rule.fault.type } : { rule: REST, type: REST }
          this.inc(labels, count(rule))
        }
      },
    })
  ruleCounter(
    'loadcell_fault_matched_total',
    'Exchanges, connections or messages that a fault rule was for.',
    rule => rule.book.matched,
  )
  ruleCounter('loadcell_fault_injected_total', 'Those that it struck.', rule => rule.book.injected)

  const stations = () =>
    read().stations.map(([name, station], index) => ({ name: index < MOST_LABELS ? name : REST, station }))
  const stationMetric = (Metric: typeof Counter | typeof Gauge, name: string, help: string, value: ValueOf) =>
    new Metric({
      ...register,
      name,
      help,
      labelNames: ['station'],
      collect() {
        this.reset()
        for (const { name: label, station } of stations()) this.inc({ station: label }, value(station))
      },
    })
  stationMetric(Gauge, 'loadcell_station_servers', 'Servers of a station.', ({ settings }) => settings.servers)
  stationMetric(Gauge, 'loadcell_station_busy_servers', 'Busy servers of a station.', ({ busy }) => busy)
  stationMetric(Gauge, 'loadcell_station_queued', 'Exchanges waiting for a server.', ({ queued }) => queued)
  stationMetric(
    Counter,
    'loadcell_station_arrivals_total',
    'Exchanges that arrived at a station.',
    ({ book }) => book.arrived,
  )
  stationMetric(Counter, 'loadcell_station_served_total', 'Completed services.', ({ book }) => book.served)
  const unserved = new Counter({
    registers: [],
    name: 'loadcell_station_unserved_total',
    help: 'Exchanges that were not served, by cause.',
    labelNames: ['station', 'cause'],
    collect() {
      this.reset()
      for (const { name, station } of stations()) {
        const { turnedAway, timedOut, abandoned, released } = station.book
        const causes = { turned_away: turnedAway, timed_out: timedOut, abandoned, released }
        for (const [cause, count] of Object.entries(causes)) this.inc({ station: name, cause }, count)
      }
    },
  })
  registry.registerMetric(unserved)

  const stationTimes = (name: string, help: string, timesOf: (station: Station) => Histogram) =>
    new StationTimes({
      registry,
      name,
      help,
      read: () => merged(stations().map(({ name: label, station }) => [label, timesOf(station)])),
    })
  stationTimes('loadcell_station_wait_seconds', 'Waits of those whose service began.', ({ book }) => book.wait)
  stationTimes('loadcell_station_service_seconds', 'Completed services.', ({ book }) => book.service)
}

type ValueOf = (station: Station) => number

function merged(times: readonly [station: string, times: Histogram][]): [station: string, times: Histogram][] {
  const rest = new Histogram()
  const apart = times.filter(([station]) => station !== REST)
  if (apart.length < times.length) {
    for (const [, histogram] of times.slice(apart.length)) rest.merge(histogram)
    apart.push([REST, rest])
  }
  return apart
}
