import { formatNumber, formatShare } from '../../core/number-format.ts'
import { targetSeries } from '../server/target-source.ts'
import type { AlignedSeries } from './server-series.ts'
import type { TimelinePoint } from './timeline.ts'
import { MOST_CPU, MOST_EVENT_LOOP_DELAY_MS } from './validity.ts'

/** Evidence for what saturated. */
export interface SaturationEvidence {
  timeline: readonly Pick<TimelinePoint, 'atMs' | 'generatorCpu' | 'eventLoopDelayP99Ms'>[]
  series: readonly AlignedSeries[]
  /** Both ends share a machine with this number of cores. */
  sharedCores: number | undefined
  /** Why nothing is known of the target, or less than it should be. */
  problem: string | undefined
}

/** Something that has a limit, with its load second by second. */
export interface LimitedResource {
  name: string
  side: 'generator' | 'server'
  /** Relative to the limit, at which it is 1; null without a sample. */
  loads: (number | null)[]
  /** A load in words, in the unit of the resource. */
  inWords: (load: number) => string
  limit: string
}

/** Limits of a second. The load generator has those of a valid run, and all event loops may be equally late. */
const CPU_SHARE = 0.95
const LOOP_BUSY_SHARE = 0.95
const STATION_BUSY_SHARE = 0.98
const OCCUPIED_SHARE = 0.98
const HEAP_SHARE = 0.95

type SecondValues = readonly (number | null)[]

/** Returns the resources whose limit is known. A rule of `docs/server-metrics.md` stands for each. */
export function resourcesOf(evidence: SaturationEvidence): LimitedResource[] {
  const { timeline, series } = evidence
  const observed = [...Map.groupBy(series, ({ source }) => source).values()]
  return [
    shareOf(
      'the CPU of the load generator',
      'generator',
      timeline.map(point => point.generatorCpu),
      MOST_CPU,
    ),
    delay(
      'the event loop of the load generator',
      'generator',
      timeline.map(point => point.eventLoopDelayP99Ms),
    ),
    ...observed.flatMap(ofTarget),
    ...observed.flatMap(ofEndpoint),
    ...ofSharedMachine(evidence),
  ]
}

function ofTarget(series: readonly AlignedSeries[]): LimitedResource[] {
  if (series[0]?.source !== 'target') return []
  const named = (name: string) => series.filter(each => each.name === name)
  const limited = (name: string, title: string, share: number) =>
    named(name).flatMap(({ values, limit }) =>
      limit === undefined ? [] : [shareOf(title, 'server', relativeTo(values, limit), share)],
    )
  return [
    ...named(targetSeries.cpu).flatMap(({ values, limit = 1 }) => [cores('the CPU of the target', values, limit)]),
    ...limited(targetSeries.loopBusy, 'the event loop of the target', LOOP_BUSY_SHARE),
    ...named(targetSeries.loopDelay).map(({ values }) => delay('the timers of the target', 'server', values)),
    ...limited(targetSeries.heap, 'the heap of the target', HEAP_SHARE),
    ...limited(targetSeries.budget, 'the memory budget of the target', OCCUPIED_SHARE),
    ...limited(targetSeries.streams, 'the streams of the target (streams.connections)', OCCUPIED_SHARE),
    ...limited(targetSeries.sockets, 'the WebSockets of the target (sockets.connections)', OCCUPIED_SHARE),
    ...named(targetSeries.reportsRunning).flatMap(({ values, limit }) =>
      withQueue(relativeTo(values, limit ?? 1), named(targetSeries.reportsQueued)[0], {
        title: 'the report workers of the target',
        share: OCCUPIED_SHARE,
      }),
    ),
    ...languageModel(named),
    ...named(targetSeries.stationBusy).flatMap(({ values, labels }) =>
      withQueue(
        values,
        named(targetSeries.stationQueued).find(each => each.labels['station'] === labels['station']),
        { title: `the station ${labels['station']}`, share: STATION_BUSY_SHARE },
      ),
    ),
  ]
}

function languageModel(named: (name: string) => AlignedSeries[]): LimitedResource[] {
  const titles = {
    [targetSeries.llmBatch]: 'the batch of the language model (llm.maxBatch)',
    [targetSeries.llmCache]: 'the cache of the language model (llm.kvTokens)',
  }
  return Object.entries(titles).flatMap(([name, title]) =>
    named(name).flatMap(({ values, limit }) =>
      withQueue(relativeTo(values, limit), named(targetSeries.llmQueued)[0], { title, share: OCCUPIED_SHARE }),
    ),
  )
}

/** Resources of other servers, by the names that exporters agree on. */
function ofEndpoint(series: readonly AlignedSeries[]): LimitedResource[] {
  const source = series[0]?.source
  if (source === undefined || source === 'target') return []
  const named = (name: string) => series.find(each => each.name === name)
  const [files, mostFiles] = [named('process_open_fds'), named('process_max_fds')]
  const [cpu, procs] = [named('process_cpu_seconds_per_second'), named('go_sched_gomaxprocs_threads')]
  const lag = named('nodejs_eventloop_lag_p99_seconds')
  const idle = series.filter(({ name, labels }) => name === 'node_cpu_seconds_per_second' && labels['mode'] === 'idle')
  return [
    ...(files && mostFiles
      ? [
          shareOf(
            `the open files of ${source}`,
            'server',
            relativeTo(files.values, lastOf(mostFiles.values)),
            OCCUPIED_SHARE,
          ),
        ]
      : []),
    ...(cpu && procs ? [cores(`the CPU of ${source}`, cpu.values, lastOf(procs.values))] : []),
    ...(lag
      ? [
          delay(
            `the event loop of ${source}`,
            'server',
            lag.values.map(value => (value === null ? null : value * 1000)),
          ),
        ]
      : []),
    ...(idle.length > 0
      ? [shareOf(`the CPUs of the machine of ${source}`, 'server', busyShares(idle), CPU_SHARE)]
      : []),
  ]
}

/** Both ends on one machine may fill it together, although neither does alone. */
function ofSharedMachine({ timeline, series, sharedCores }: SaturationEvidence): LimitedResource[] {
  const target = series.find(({ source, name }) => source === 'target' && name === targetSeries.cpu)
  if (sharedCores === undefined || target === undefined) return []
  const sum = target.values.map((value, index) =>
    value === null ? null : value + (timeline[index]?.generatorCpu ?? 0),
  )
  return [cores('the CPU of the machine of both ends', sum, sharedCores)]
}

function cores(name: string, values: SecondValues, limit: number): LimitedResource {
  const atLimit = CPU_SHARE * limit
  return {
    name,
    side: 'server',
    loads: relativeTo(values, atLimit),
    inWords: load => `${formatNumber(times(load, atLimit))} of ${limit} ${limit === 1 ? 'core' : 'cores'}`,
    limit: percent(CPU_SHARE),
  }
}

function shareOf(name: string, side: LimitedResource['side'], shares: SecondValues, atLimit: number): LimitedResource {
  const inWords = (load: number) => formatShare(Math.min(1, times(load, atLimit)))
  return { name, side, loads: relativeTo(shares, atLimit), inWords, limit: percent(atLimit) }
}

function delay(name: string, side: LimitedResource['side'], valuesMs: SecondValues): LimitedResource {
  const inWords = (load: number) => `p99 ${formatNumber(times(load, MOST_EVENT_LOOP_DELAY_MS))} ms late`
  return {
    name,
    side,
    loads: relativeTo(valuesMs, MOST_EVENT_LOOP_DELAY_MS),
    inWords,
    limit: `${MOST_EVENT_LOOP_DELAY_MS} ms`,
  }
}

/** Servers that are all busy are at their limit only if somebody waits for them. */
function withQueue(
  shares: SecondValues,
  queue: AlignedSeries | undefined,
  { title, share }: { title: string; share: number },
): LimitedResource[] {
  const resource = shareOf(title, 'server', shares, share)
  const justBelow = 1 - Number.EPSILON
  const loads = resource.loads.map((load, index) =>
    load === null || (queue?.values[index] ?? 0) > 0 ? load : Math.min(load, justBelow),
  )
  return [{ ...resource, loads, limit: `${resource.limit} busy, with a queue` }]
}

/** Returns the busy share of a machine’s CPUs from the idle time of each. */
function busyShares(idle: readonly AlignedSeries[]): (number | null)[] {
  return idle[0]!.values.map((_, index) => {
    const values = idle.map(({ values }) => values[index] ?? null).filter(value => value !== null)
    return values.length === 0 ? null : Math.max(0, 1 - values.reduce((sum, value) => sum + value, 0) / values.length)
  })
}

/** Multiplies without the noise of binary fractions. */
function times(load: number, limit: number): number {
  return Number((load * limit).toPrecision(6))
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function relativeTo(values: SecondValues, limit: number | undefined): (number | null)[] {
  return values.map(value => (value === null || limit === undefined || !(limit > 0) ? null : value / limit))
}

function lastOf(values: SecondValues): number {
  return values.findLast(value => value !== null) ?? Number.NaN
}
