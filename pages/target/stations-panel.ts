import type { StationNow, StationSetup, TargetSetup, TargetSnapshot } from '../../contract/target-page.ts'
import { CurveChart, type ChartPoint } from '../widgets/curve-chart.ts'
import { element, write } from '../widgets/element.ts'
import { count, milliseconds, number, percent, perSecond } from '../widgets/quantity.ts'
import { QueueDrawing } from '../widgets/queue-drawing.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { LivePanel } from './panel.ts'

const POINTS = 120
/** Snapshots that a dot is the mean of: single ones have too few visits to say anything. */
const SMOOTHED = 10

/** One station: its queue, its servers, and where it stands on the curve that queueing theory predicts. */
class StationCard {
  readonly root: HTMLElement
  readonly #title = element('h3')
  readonly #drawing = new QueueDrawing()
  readonly #facts = element('p', { class: 'facts' })
  readonly #chart = new CurveChart({
    title: 'Throughput and time at the station',
    about:
      'The line is what theory predicts for random arrivals; the dots are means of five seconds, over the last minute. The dashed line is the knee.',
    x: 'arrivals per second',
    y: 'mean ms',
    points: POINTS,
  })
  #setup: StationSetup | undefined
  #shape = ''
  #latest: StationNow[] = []

  constructor() {
    this.root = element('article', { class: 'station' }, this.#title, this.#drawing.root, this.#facts, this.#chart.root)
  }

  arrange(setup: StationSetup): void {
    this.#setup = setup
    this.#chart.setCurve(
      setup.curve.map(({ perSecond, meanMs }) => ({ x: perSecond, y: meanMs })),
      setup.kneePerSecond,
    )
    // Dots of other settings would lie beside the curve.
    const shape = `${setup.servers} ${setup.serviceMeanMs} ${setup.queueLimit}`
    if (shape !== this.#shape) this.clear()
    this.#shape = shape
  }

  show(station: StationNow): void {
    const { arrivedPerSecond, servedPerSecond, lostPerSecond, utilisation, waitMeanMs } = station
    write(this.#title, `Station ${station.name}`)
    this.#drawing.show(station)
    const knee = this.#setup?.kneePerSecond
    write(
      this.#facts,
      [
        `utilisation ${percent(utilisation)}`,
        `arrivals ${perSecond(arrivedPerSecond)}`,
        `served ${perSecond(servedPerSecond)}`,
        `lost ${perSecond(lostPerSecond)}`,
        `mean wait ${waitMeanMs === undefined ? '–' : milliseconds(waitMeanMs)}`,
        knee === undefined ? 'no knee' : `knee ${perSecond(knee)}`,
        `turned away in all ${count(station.turnedAway)}`,
      ].join(' · '),
    )
    this.#latest = [...this.#latest.slice(1 - SMOOTHED), station]
    const point = meanOf(this.#latest)
    const words =
      point === undefined
        ? 'no service has ended just now'
        : `now ${number(point.x)} arrivals per second take ${milliseconds(point.y)} on average (curve: ${this.#setup?.model ?? '–'})`
    this.#chart.add(point, words)
  }

  clear(): void {
    this.#latest = []
    this.#chart.clear()
  }
}

/** Returns the mean rate of arrivals, and the mean time of all who were served. */
function meanOf(latest: readonly StationNow[]): ChartPoint | undefined {
  let [arrived, served, timeSum] = [0, 0, 0]
  for (const { arrivedPerSecond, servedPerSecond, meanMs } of latest) {
    arrived += arrivedPerSecond
    if (meanMs === undefined) continue
    served += servedPerSecond
    timeSum += meanMs * servedPerSecond
  }
  return served > 0 ? { x: arrived / latest.length, y: timeSum / served } : undefined
}

/** The stations of the fault rules. */
export class StationsPanel implements LivePanel {
  readonly root: HTMLElement
  readonly #cards = new Map<string, StationCard>()
  readonly #place = element('div', { class: 'stations' })
  readonly #note = element(
    'p',
    { class: 'muted' },
    'There is no station. Set one under “Change the target”, or switch on the preset slow_database.',
  )

  constructor() {
    this.root = panelFrame(
      'stations',
      'Stations',
      'A queue with servers. Watch what happens to the wait when the arrivals come near the knee.',
      this.#note,
      this.#place,
    )
  }

  arrange({ stations }: TargetSetup): void {
    const names = new Set(stations.map(({ name }) => name))
    for (const [name, card] of this.#cards) {
      if (names.has(name)) continue
      card.root.remove()
      this.#cards.delete(name)
    }
    for (const station of stations) {
      const card = this.#cards.get(station.name) ?? new StationCard()
      if (!this.#cards.has(station.name)) this.#place.append(card.root)
      this.#cards.set(station.name, card)
      card.arrange(station)
    }
    this.#note.hidden = stations.length > 0
  }

  show({ stations }: TargetSnapshot): void {
    for (const station of stations) this.#cards.get(station.name)?.show(station)
  }

  restart(): void {
    for (const card of this.#cards.values()) card.clear()
  }
}
