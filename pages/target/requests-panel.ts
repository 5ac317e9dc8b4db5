import type { TargetSnapshot } from '../../contract/target-page.ts'
import { element } from '../widgets/element.ts'
import { LargeNumbers } from '../widgets/large-numbers.ts'
import { count, milliseconds, number } from '../widgets/quantity.ts'
import { TimeChart } from '../widgets/time-chart.ts'
import { type LivePanel, panelFrame } from './panel.ts'

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
    points: POINTS,
    spanSeconds: SPAN_SECONDS,
  })

  constructor() {
    const charts = element('div', { class: 'charts' }, this.#rate.root, this.#inFlight.root)
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
  }

  restart(): void {
    this.#rate.clear()
    this.#inFlight.clear()
  }
}
