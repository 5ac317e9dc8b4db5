import { availableParallelism } from 'node:os'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { LlmUsage, UsageReport } from '../../contract/usage-report.ts'
import type { Clock } from '../../core/clock.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Reports } from '../domain/reports/reports.ts'
import type { CapacityStations } from '../faults/request/capacity.ts'
import { openConnections } from '../http/connections.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import type { Sockets } from '../sockets/sockets.ts'
import type { Streams } from '../streams/streams.ts'

export interface UsageDependencies {
  clock: Clock
  settings: Settings
  memory: MemoryBudget
  streams: Streams
  sockets: Sockets
  reports: Reports
  stations: CapacityStations
  /** Absent while no language model is served. */
  llm?: { usage(): LlmUsage } | undefined
}

/** Period of the timer whose lateness Node measures. The measured values include it. */
const DELAY_RESOLUTION_MS = 10
/** Maximum number of stations in a report, because the number of rules has no such limit. */
const MOST_STATIONS = 32

/**
 * Reads what the process uses. Everything is counted already or kept by the system, except the delay of the event loop, which is
 * measured from the first reading on.
 */
export class Usage {
  readonly #dependencies: UsageDependencies
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined

  constructor(dependencies: UsageDependencies) {
    this.#dependencies = dependencies
  }

  /** @param own number of open connections that do not count */
  read(own: number): UsageReport {
    const counts = this.counts(own)
    return { ...counts, eventLoop: { ...counts.eventLoop, ...this.#readDelay() } }
  }

  /** Reads everything but the delay of the event loop, which starts again with each reading and costs a timer. */
  counts(own: number): UsageReport {
    const { clock, settings, memory, streams, sockets, reports, stations, llm } = this.#dependencies
    const { user, system } = process.cpuUsage()
    const heap = getHeapStatistics()
    const { current } = settings
    const all = stations.states()
    return {
      atMs: clock.now(),
      cpuMs: (user + system) / 1000,
      cores: availableParallelism(),
      eventLoop: { busyMs: performance.eventLoopUtilization().active },
      memory: {
        rssBytes: process.memoryUsage.rss(),
        heapBytes: heap.used_heap_size,
        heapLimitBytes: heap.heap_size_limit,
        budgetUsedBytes: memory.usedBytes,
        budgetLimitBytes: memory.limitBytes,
      },
      connections: Math.max(0, openConnections(memory) - own),
      streams: { open: streams.openConnections, limit: current.streams.connections },
      sockets: { open: sockets.size, limit: current.sockets.connections },
      outboxBytes: memory.table('outboxes').bytes,
      reports: { open: reports.running, limit: current.reports.workers, queued: reports.waiting },
      ...(llm !== undefined && { llm: llm.usage() }),
      stations: all.slice(0, MOST_STATIONS).map(([name, station]) => ({
        name,
        servers: station.settings.servers,
        queued: station.queued,
        busyMs: station.busyMs,
      })),
      stationsNotShown: Math.max(0, all.length - MOST_STATIONS),
    }
  }

  #readDelay(): { delayP99Ms?: number } {
    if (this.#delay === undefined) {
      this.#delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
      this.#delay.enable()
      return {}
    }
    const isMeasured = this.#delay.count > 0
    const delayP99Ms = Math.max(0, this.#delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS)
    this.#delay.reset()
    return isMeasured ? { delayP99Ms } : {}
  }
}
