import type { RunFeedSecond, RunFeedState, TruthSecond } from '../run-feed.ts'
import { element, write } from '../widgets/element.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import { HeatChart } from './heat-chart.ts'
import { RunChart, type RunLine } from './run-chart.ts'
import type { BothEnds } from './run-seconds.ts'
import type { RunPanel } from './run-panel.ts'
import { SpectrumChart } from './spectrum-chart.ts'

const seen = (label: string, color: string, value: (second: RunFeedSecond) => number | undefined): RunLine => ({
  label,
  color,
  value: ({ seen }) => (seen === undefined ? undefined : value(seen)),
})

/** A second without responses has no percentiles. */
const timed = (label: string, color: string, value: (second: RunFeedSecond) => number): RunLine =>
  seen(label, color, second => (second.heat.length > 0 ? value(second) : undefined))

const truly = (label: string, color: string, value: (second: TruthSecond) => number | undefined): RunLine => ({
  label,
  color,
  isOfTarget: true,
  value: ({ truth }) => (truth === undefined ? undefined : value(truth)),
})

/** Charts of the clients and of the target, over one axis of time. */
export class ChartsPanel implements RunPanel {
  readonly root: HTMLElement
  readonly #charts: readonly RunChart[]
  readonly #streams: RunChart
  readonly #target: RunChart
  readonly #heat = new HeatChart()
  readonly #spectrum = new SpectrumChart()
  readonly #truth = element('p', { class: 'muted' })

  constructor() {
    const throughput = new RunChart({
      title: 'Throughput',
      about:
        'Where the clients count fewer than were due, the load is not the planned one; where they count other than the target, requests were lost on the way.',
      unit: '/s',
      hasNames: true,
      lines: [
        seen('iterations due', 'grey', ({ offered }) => offered),
        seen('requests', 'blue', ({ requests }) => requests),
        seen('failed', 'red', ({ failures }) => failures),
        truly('arrived at the target', 'teal', ({ arrivals }) => arrivals),
      ],
    })
    const times = new RunChart({
      title: 'Two clocks and the target, p95',
      about:
        'Users wait from when a request was due. A line of the target that stays low while theirs rise says that the time is lost before it.',
      unit: 'ms',
      hasNames: true,
      lines: [
        timed('response time', 'blue', ({ response }) => response.p95Ms),
        timed('service time', 'orange', ({ service }) => service.p95Ms),
        truly('the target took', 'teal', ({ lastByteP95Ms }) => lastByteP95Ms),
      ],
    })
    const users = new RunChart({
      title: 'Users, and requests in the target',
      about:
        'By Little’s law, requests in the target are its throughput times its response time: a rise at the same throughput is a queue.',
      unit: '',
      isCount: true,
      lines: [
        seen('active users', 'violet', ({ users }) => users),
        seen('open streams and sockets', 'blue', ({ openStreams, openSockets }) => openStreams + openSockets),
        truly('requests in the target', 'teal', ({ openRequests }) => openRequests),
      ],
    })
    this.#streams = new RunChart({
      title: 'Events',
      about: 'What the target delivered and the clients did not receive is still under way, or lost.',
      unit: '/s',
      lines: [
        seen('published', 'violet', ({ published }) => published),
        seen('received', 'blue', ({ delivered }) => delivered),
        truly('delivered by the target', 'teal', ({ delivered }) => delivered),
      ],
    })
    this.#target = new RunChart({
      title: 'Cores and stations of the target',
      about: 'A station or a core that is always busy is the bottleneck, and its queue is what users wait in.',
      unit: '',
      lines: [
        truly('cores used', 'teal', ({ cpuCores }) => cpuCores),
        truly('busiest station, share', 'orange', ({ stationBusy }) => stationBusy),
        truly('waiting at stations', 'violet', ({ stationQueued }) => stationQueued),
      ],
    })
    this.#charts = [throughput, times, users, this.#streams, this.#target]
    this.root = panelFrame(
      'charts',
      'What the clients saw, and what truly happened',
      'All charts have the same axis of time, since the start of the loads. Lines of the target are dashed; dotted verticals are changes.',
      this.#truth,
      element('div', { class: 'charts' }, ...this.#charts.map(({ root }) => root)),
      element('div', { class: 'charts' }, this.#heat.root, this.#spectrum.root),
    )
  }

  show(state: RunFeedState, seconds: readonly BothEnds[]): void {
    const { truthUnknown, totals, spectrum } = state
    write(this.#truth, truthUnknown === undefined ? '' : `What the target did is not known: ${truthUnknown}.`)
    this.#truth.hidden = truthUnknown === undefined
    this.#streams.root.hidden = totals.events.published + totals.events.delivered === 0
    this.#target.root.hidden = seconds.every(({ truth }) => truth === undefined)
    for (const chart of this.#charts) chart.show(state, seconds)
    this.#heat.show(state, seconds)
    this.#spectrum.show(spectrum)
  }
}
