import type { TimelinePoint } from '../../results/timeline.ts'
import { formatCount, formatNumber, formatShare } from '../../../core/number-format.ts'
import { formatBytes, formatOffset, formatRate } from '../quantity.ts'
import type { Markup } from './markup.ts'
import { inSteps, stepOf } from './steps.ts'
import { type Column, numeric, table } from './table.ts'

type TimelineRow = TimelinePoint & { fromMs: number }

const rates: (keyof TimelineRow)[] = [
  'requestsPerSecond',
  'failuresPerSecond',
  'iterationsPerSecond',
  'offeredPerSecond',
  'publishedPerSecond',
  'deliveredPerSecond',
  'openedPerSecond',
  'sentBytesPerSecond',
  'receivedBytesPerSecond',
  'connectionsOpenedPerSecond',
]

/** Returns the charts over time as numbers. */
export function timelineTable(timeline: TimelinePoint[]): Markup {
  const everyNth = stepOf(timeline.length)
  const columns: Column<TimelineRow>[] = [
    { title: 'From', kind: 'head', cell: ({ fromMs }) => formatOffset(fromMs) },
    numeric('Users', point => formatCount(point.activeUsers)),
    numeric('Streams', point => formatCount(point.openStreams)),
    numeric('Sockets', point => formatCount(point.openSockets)),
    numeric('Requests/s', point => formatRate(point.requestsPerSecond)),
    numeric('Failures/s', point => formatRate(point.failuresPerSecond)),
    numeric('p50 ms', point => latencyOf(point.responseP50Ms)),
    numeric('p95 ms', point => latencyOf(point.responseP95Ms)),
    numeric('p99 ms', point => latencyOf(point.responseP99Ms)),
    numeric('Service p95 ms', point => latencyOf(point.serviceP95Ms)),
    numeric('First byte p95 ms', point => latencyOf(point.waitingP95Ms)),
    numeric('Connecting p95 ms', point => latencyOf(point.connectingP95Ms)),
    numeric('Sent/s', point => formatBytes(point.sentBytesPerSecond)),
    numeric('Received/s', point => formatBytes(point.receivedBytesPerSecond)),
    numeric('Published/s', point => formatRate(point.publishedPerSecond)),
    numeric('Delivered/s', point => formatRate(point.deliveredPerSecond)),
    numeric('End to end p99 ms', point => latencyOf(point.e2eP99Ms)),
    numeric('Send delay p99 ms', point => formatNumber(point.sendDelayP99Ms)),
    numeric('CPU', point => formatShare(point.generatorCpu)),
  ]
  const rows = inSteps(
    timeline.map((point, index) => ({ ...point, fromMs: timeline[index - 1]?.atMs ?? 0 })),
    everyNth,
    { first: ['fromMs', 'atMs'], mean: rates },
  )
  const caption =
    everyNth === 1
      ? 'Every second of the run'
      : `The run in steps of ${everyNth} seconds: rates are means, all other values are the highest of any one second`
  return table(caption, columns, rows)
}

/** A second without requests, or without deliveries, has no latency. */
function latencyOf(valueMs: number): string {
  return valueMs > 0 ? formatNumber(valueMs) : '–'
}
