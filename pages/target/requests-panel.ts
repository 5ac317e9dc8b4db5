import type { LatencyNow, OperationNow, TargetSnapshot } from '../../contract/target-page.ts'
import { element } from '../widgets/element.ts'
import { LargeNumbers } from '../widgets/large-numbers.ts'
import { LatencyMap } from '../widgets/latency-map.ts'
import { LiveTable } from '../widgets/live-table.ts'
import { count, milliseconds, number, perSecond } from '../widgets/quantity.ts'
import { TimeChart } from '../widgets/time-chart.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { LivePanel } from './panel.ts'

const SPAN_SECONDS = 120
const POINTS = 240

/** How many requests come, how many are under way, and how many fail. */
export class RequestsPanel implements LivePanel {
  readonly root: HTMLElement
  readonly #numbers = new LargeNumbers({
    perSecond: 'requests per second',
    inFlight: 'requests in flight',
    failed: 'failures per second',
    p95: 'p95 latency',
    arrived: 'requests since the start',
  })
  readonly #rate = new TimeChart({
    title: 'Throughput',
    about: 'Does the load that you meant to send arrive?',
    unit: 'per second',
    series: [
      { label: 'requests', color: 'blue' },
      { label: 'failures', color: 'red', dash: 'dashed' },
    ],
    points: POINTS,
    spanSeconds: SPAN_SECONDS,
  })
  readonly #inFlight = new TimeChart({
    title: 'In flight',
    about: 'Requests that have come and not ended. By Little’s law, this is throughput × latency.',
    unit: 'requests',
    series: [{ label: 'in flight', color: 'teal' }],
    isCount: true,
    points: POINTS,
    spanSeconds: SPAN_SECONDS,
  })
  readonly #heat = new LatencyMap({
    title: 'Latency',
    about: 'From arrival to the last byte, without streams. A mean hides what a second, slower band shows.',
    columns: POINTS,
  })
  readonly #operations = new LiveTable<OperationNow>({
    caption: 'Operations, the busiest first',
    columns: [
      { title: 'operation', cell: ({ operation }) => operation },
      { title: 'requests', cell: row => perSecond(row.perSecond) },
      { title: 'failures', cell: row => perSecond(row.failedPerSecond) },
      { title: 'in flight', cell: row => count(row.inFlight) },
      { title: 'since the start', cell: row => count(row.arrived) },
    ],
    key: ({ operation }) => operation,
    empty: 'No request has come yet. Start a load, or open the front page of the target.',
    most: 16,
  })

  constructor() {
    const charts = element(
      'div',
      { class: 'charts' },
      this.#rate.root,
      this.#inFlight.root,
      this.#heat.root,
      this.#operations.root,
    )
    this.root = panelFrame(
      'requests',
      'Requests',
      'What comes in, and how much of it is under way at the same time.',
      this.#numbers.root,
      charts,
    )
  }

  show({ at, requests }: TargetSnapshot): void {
    const { arrivedPerSecond, failedPerSecond, inFlight, arrived, latency } = requests
    this.#numbers.show({
      perSecond: number(arrivedPerSecond),
      inFlight: count(inFlight),
      failed: number(failedPerSecond),
      p95: latency.p95Ms === undefined ? '–' : milliseconds(latency.p95Ms),
      arrived: count(arrived),
    })
    this.#rate.add(at / 1000, arrivedPerSecond, failedPerSecond)
    this.#inFlight.add(at / 1000, inFlight)
    this.#heat.add(
      { seconds: at / 1000, firstLevel: latency.firstLevel, counts: latency.counts },
      latencyWords(latency),
    )
    this.#operations.show(requests.operations)
  }

  restart(): void {
    this.#rate.clear()
    this.#inFlight.clear()
    this.#heat.clear()
  }
}

function latencyWords({ p50Ms, p95Ms, p99Ms, maxMs, counted, ended }: LatencyNow): string {
  if (p50Ms === undefined || p95Ms === undefined || p99Ms === undefined || maxMs === undefined)
    return ended > 0
      ? 'The ledger keeps no records (ledger.records), so there are no times'
      : 'no request has ended just now'
  const part = counted < ended ? ` (of the latest ${count(counted)} of ${count(ended)})` : ''
  const [p50, p95, p99, max] = [p50Ms, p95Ms, p99Ms, maxMs].map(milliseconds)
  return `p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${max}${part}`
}
