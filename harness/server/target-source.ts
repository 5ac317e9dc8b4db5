import type { Occupancy, UsageReport } from '../../contract/usage-report.ts'
import { type ControlPlane, ControlPlaneError, parseAnswer } from '../control/control-plane.ts'
import type { MetricSource, SeriesPoint } from './metric-source.ts'

/** Series of the target itself. A rule of saturation knows them by these names. */
export const targetSeries = {
  cpu: 'cpu_cores',
  loopBusy: 'event_loop_busy_share',
  loopDelay: 'event_loop_delay_p99_ms',
  resident: 'memory_rss_bytes',
  heap: 'memory_heap_bytes',
  budget: 'memory_budget_bytes',
  connections: 'connections_open',
  streams: 'streams_open',
  sockets: 'sockets_open',
  outboxes: 'outbox_bytes',
  reportsRunning: 'reports_running',
  reportsQueued: 'reports_queued',
  llmBatch: 'llm_sequences',
  llmCache: 'llm_cache_tokens',
  llmQueued: 'llm_queued',
  stationBusy: 'station_busy_share',
  stationQueued: 'station_queued',
} as const

/** Reads what a target of Loadcell says of its own process; the run’s token is used. */
export class TargetSource implements MetricSource {
  readonly kind = 'loadcell'
  readonly place = 'target'
  readonly unmatched: string[] = []
  readonly notKept = { count: 0, examples: [] as string[] }
  readonly #control: ControlPlane
  #previous: UsageReport | undefined

  constructor(control: ControlPlane) {
    this.#control = control
  }

  /** Returns a source if the target is one of Loadcell’s; else why it is not known. */
  static async of(control: ControlPlane): Promise<TargetSource | string> {
    try {
      const { status, text } = await control.ask('GET', '/usage')
      if (status === 200 && parseAnswer<UsageReport>(text, isUsage)) return new TargetSource(control)
      return 'it is not a target of Loadcell that tells them'
    } catch (error) {
      if (error instanceof ControlPlaneError) return error.message
      throw error
    }
  }

  async sample(): Promise<SeriesPoint[]> {
    const { status, text } = await this.#control.ask('GET', '/usage')
    const usage = status === 200 ? parseAnswer<UsageReport>(text, isUsage) : undefined
    if (usage === undefined) throw new Error(`the target’s control plane answered ${status} instead of its usage`)
    const previous = this.#previous
    this.#previous = usage
    this.notKept.count = Math.max(this.notKept.count, usage.stationsNotShown)
    if (usage.stationsNotShown > 0) this.notKept.examples = ['station_busy_share', 'station_queued']
    return pointsOf(usage, previous)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function pointsOf(usage: UsageReport, previous: UsageReport | undefined): SeriesPoint[] {
  const { cores, eventLoop, memory, streams, sockets, reports, llm, stations } = usage
  const elapsedMs = usage.atMs - (previous?.atMs ?? Number.NaN)
  /** Undefined at first, and if the target was restarted meanwhile. */
  const share = (now: number, before: number | undefined): number | undefined => {
    const value = (now - (before ?? Number.NaN)) / elapsedMs
    return elapsedMs > 0 && value >= 0 ? value : undefined
  }
  const names = targetSeries
  return [
    { ...point(names.cpu, share(usage.cpuMs, previous?.cpuMs)), limit: cores },
    { ...point(names.loopBusy, share(eventLoop.busyMs, previous?.eventLoop.busyMs)), limit: 1 },
    point(names.loopDelay, eventLoop.delayP99Ms),
    point(names.resident, memory.rssBytes),
    { ...point(names.heap, memory.heapBytes), limit: memory.heapLimitBytes },
    { ...point(names.budget, memory.budgetUsedBytes), limit: memory.budgetLimitBytes },
    point(names.connections, usage.connections),
    occupied(names.streams, streams),
    occupied(names.sockets, sockets),
    point(names.outboxes, usage.outboxBytes),
    occupied(names.reportsRunning, reports),
    point(names.reportsQueued, reports.queued),
    ...(llm === undefined
      ? []
      : [occupied(names.llmBatch, llm.batch), occupied(names.llmCache, llm.cache), point(names.llmQueued, llm.queued)]),
    ...stations.flatMap(({ name: station, servers, queued, busyMs }) => {
      const before = previous?.stations.find(({ name }) => name === station)?.busyMs
      const busy = share(busyMs / servers, before === undefined ? undefined : before / servers)
      return [
        { ...point(names.stationBusy, busy, { station }), limit: 1 },
        point(names.stationQueued, queued, { station }),
      ]
    }),
  ]
}

function point(name: string, value: number | undefined, labels: SeriesPoint['labels'] = {}): SeriesPoint {
  return { name, labels, value }
}

function occupied(name: string, { open, limit }: Occupancy): SeriesPoint {
  return { ...point(name, open), limit }
}

/** Other versions and other servers may answer anything. */
function isUsage(usage: Partial<UsageReport>): boolean {
  const numbers = [
    usage.atMs,
    usage.cpuMs,
    usage.cores,
    usage.connections,
    usage.outboxBytes,
    usage.stationsNotShown,
    usage.eventLoop?.busyMs,
    ...Object.values(usage.memory ?? { none: undefined }),
    ...[usage.streams, usage.sockets, usage.reports].flatMap(each => [each?.open, each?.limit]),
    usage.reports?.queued,
    ...(usage.llm === undefined
      ? []
      : [...[usage.llm.batch, usage.llm.cache].flatMap(each => [each?.open, each?.limit]), usage.llm.queued]),
  ]
  return numbers.every(Number.isFinite) && Array.isArray(usage.stations) && usage.stations.every(isStation)
}

function isStation(station: Partial<UsageReport['stations'][number]> | null): boolean {
  return typeof station?.name === 'string' && [station.servers, station.queued, station.busyMs].every(Number.isFinite)
}
