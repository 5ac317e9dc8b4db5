import type { ConnectionsNow, ProcessNow, StreamsNow, TargetSnapshot } from '../../../contract/target-page.ts'
import type { UsageReport } from '../../../contract/usage-report.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Faults } from '../../faults/faults.ts'
import type { CapacityStations } from '../../faults/request/capacity.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { RecentRequests } from '../../ledger/recent.ts'
import type { Sockets } from '../../sockets/sockets.ts'
import type { Streams } from '../../streams/streams.ts'
import type { Usage } from '../usage.ts'
import { connectionBuffers } from './connection-buffers.ts'
import { faultShare } from './fault-shares.ts'
import { RequestRates } from './request-rates.ts'
import { MOST_STATIONS, StationRates } from './station-rates.ts'
import { StreamRates } from './stream-rates.ts'

export interface SamplerDependencies {
  clock: Clock
  ledger: Ledger
  usage: Usage
  faults: Faults
  stations: CapacityStations
  streams: Streams
  sockets: Sockets
  settings: Settings
  viewers: { readonly size: number }
}

const MOST_RULES = 24
const MOST_RECENT = 12
/** Streams are read for every second snapshot, and so are connections if there are few, so that many of them cost little. */
const SLOW_EVERY = 2
/** For each further 2,000 connections, one more snapshot passes before they are read again: reading one takes about a microsecond. */
const CONNECTIONS_PER_SNAPSHOT = 2000

/** Makes snapshots. It exists only while there are viewers, and reads what the target keeps anyway. */
export class Sampler {
  readonly #dependencies: SamplerDependencies
  readonly #rates: RequestRates
  readonly #stations = new StationRates()
  readonly #streamRates = new StreamRates()
  #used: UsageReport
  #taken = 0
  #slowAtMs: number
  /** Number of snapshots until the connections are read again. */
  #connectionsIn = 0
  #streams: StreamsNow
  #connections: ConnectionsNow

  constructor(dependencies: SamplerDependencies) {
    const { ledger, usage, streams, stations } = dependencies
    this.#dependencies = dependencies
    ledger.recent = new RecentRequests()
    this.#rates = new RequestRates(ledger)
    this.#used = usage.counts(0)
    this.#slowAtMs = this.#used.atMs
    this.#stations.take(stations.states(), 1)
    this.#streams = this.#streamRates.take(streams.byTenant(), 1)
    this.#connections = this.#readConnections()
  }

  /** Nobody watches any more. */
  end(): void {
    this.#dependencies.ledger.recent = undefined
  }

  take(): TargetSnapshot {
    const { clock, ledger, usage, faults, stations, streams } = this.#dependencies
    const before = this.#used
    const used = (this.#used = usage.counts(0))
    const seconds = Math.max(1, used.atMs - before.atMs) / 1000
    if (this.#taken++ % SLOW_EVERY === 0) {
      this.#streams = this.#streamRates.take(streams.byTenant(), Math.max(1, used.atMs - this.#slowAtMs) / 1000)
      this.#slowAtMs = used.atMs
    }
    if (--this.#connectionsIn <= 0) this.#connections = this.#readConnections()
    const { wallOffsetMs } = ledger
    const states = stations.states()
    const rules = faults.preview((rule, nowMs) => ({ rule, nowMs }))
    const { phase } = faults
    return {
      at: Math.round(clock.wallTime()),
      requests: this.#rates.take(seconds),
      process: this.#processNow(before, used, seconds),
      stations: this.#stations.take(states, seconds),
      stationsNotShown: Math.max(0, states.length - MOST_STATIONS),
      faults: rules.slice(0, MOST_RULES).map(({ rule, nowMs }) => faultShare(rule, nowMs, wallOffsetMs)),
      faultsNotShown: Math.max(0, rules.length - MOST_RULES),
      ...(phase !== undefined && { phase }),
      recent: ledger.recent?.latest(MOST_RECENT, wallOffsetMs) ?? [],
      streams: this.#streams,
      connections: this.#connections,
    }
  }

  #readConnections(): ConnectionsNow {
    const { streams, sockets } = this.#dependencies
    const read = connectionBuffers([streams.members, sockets.members])
    this.#connectionsIn = SLOW_EVERY + Math.floor(read.open / CONNECTIONS_PER_SNAPSHOT)
    return read
  }

  #processNow(before: UsageReport, used: UsageReport, seconds: number): ProcessNow {
    const { memory, streams, sockets, connections, eventLoop } = used
    const { viewers, settings } = this.#dependencies
    // On a port of its own, the control plane has connections that are not counted.
    const own = settings.current.control.port > 0 ? 0 : viewers.size
    return {
      cpuShare: (used.cpuMs - before.cpuMs) / (seconds * 1000),
      loopShare: (eventLoop.busyMs - before.eventLoop.busyMs) / (seconds * 1000),
      rssBytes: memory.rssBytes,
      heapBytes: memory.heapBytes,
      budgetUsedBytes: memory.budgetUsedBytes,
      budgetLimitBytes: memory.budgetLimitBytes,
      connections: Math.max(0, connections - own),
      streams: streams.open,
      sockets: sockets.open,
      viewers: viewers.size,
    }
  }
}
