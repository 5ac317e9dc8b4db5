import type { Clock } from '../../core/clock.ts'
import { ExpositionReader, type SampleFamily } from './exposition/exposition-reader.ts'
import type { ExposedSample } from './exposition/sample-line.ts'
import { ScrapedSeries } from './scraped-series.ts'
import type { Network } from '../client/engine/network.ts'
import type { MetricSource, SeriesPoint } from './metric-source.ts'
import type { ObservedEndpoint } from './observed-endpoint.ts'
import { Scraper } from './scrape.ts'
import { choosesLabels, choosesName } from './series-selector.ts'

/** A slower endpoint has gaps: its samples are as far apart as they take. */
const ANSWERED_WITHIN_MS = 3000
const MOST_EXAMPLES = 10
/** Samples read of a page, because the generator has other things to do. They are enough for the largest histograms. */
const MOST_SAMPLES = 5000

interface SourceOptions {
  clock: Clock
  mostSeries: number
  network?: Network | undefined
}

/** The chosen series of an endpoint in the text format of Prometheus. */
export class PrometheusSource implements MetricSource {
  readonly kind = 'prometheus'
  readonly place: string
  readonly notKept = { count: 0, examples: [] as string[] }
  readonly #endpoint: ObservedEndpoint
  readonly #clock: Clock
  readonly #scraper: Scraper
  readonly #matched = new Set<string>()
  readonly #series = new Map<string, ScrapedSeries>()
  #seriesLeft: number

  /** @param mostSeries further series are left out, in the order of the page */
  constructor(endpoint: ObservedEndpoint, { clock, mostSeries, network }: SourceOptions) {
    this.place = endpoint.place
    this.#endpoint = endpoint
    this.#clock = clock
    this.#scraper = new Scraper(endpoint, clock, network)
    this.#seriesLeft = mostSeries
  }

  get unmatched(): string[] {
    if (!this.#endpoint.isChosen) return []
    return this.#endpoint.selectors.map(({ source }) => source).filter(source => !this.#matched.has(source))
  }

  async sample(signal: AbortSignal): Promise<SeriesPoint[]> {
    const { selectors } = this.#endpoint
    const seen = new Set<ScrapedSeries>()
    const notKept = new Set<string>()
    const reader = new ExpositionReader({
      mostSamples: MOST_SAMPLES,
      isWanted: (sample, family) =>
        isMeasured(sample, family) && selectors.some(selector => choosesName(selector, sample, family.name)),
      onSample: (sample, family) => {
        const chosenBy = selectors.filter(
          selector => choosesName(selector, sample.name, family.name) && choosesLabels(selector, sample.labels),
        )
        if (chosenBy.length === 0) return
        for (const { source } of chosenBy) this.#matched.add(source)
        const series = this.#seriesOf(sample, family)
        if (series === undefined) notKept.add(ScrapedSeries.keyOf(sample, family))
        else {
          if (!seen.has(series)) series.begin()
          seen.add(series)
          series.take(sample)
        }
      },
    })
    const askedAtMs = this.#clock.now()
    await this.#scraper.read(reader, { withinMs: ANSWERED_WITHIN_MS, signal })
    const atMs = (askedAtMs + this.#clock.now()) / 2
    this.notKept.count = Math.max(this.notKept.count, notKept.size + reader.passedOver)
    return [...seen].flatMap(series => series.points(atMs))
  }

  close(): Promise<void> {
    return this.#scraper.close()
  }

  /** Returns the series that a sample belongs to; undefined if there is no room for another. */
  #seriesOf(sample: ExposedSample, family: SampleFamily): ScrapedSeries | undefined {
    const key = ScrapedSeries.keyOf(sample, family)
    const known = this.#series.get(key)
    if (known !== undefined) return known
    const created = new ScrapedSeries(sample, family)
    if (created.size > this.#seriesLeft) {
      const { examples } = this.notKept
      if (examples.length < MOST_EXAMPLES && !examples.includes(family.name)) examples.push(family.name)
      return undefined
    }
    this.#seriesLeft -= created.size
    this.#series.set(key, created)
    return created
  }
}

/** Tells whether a sample changes with the load: neither a text nor the time at which a series was created. */
function isMeasured(sample: string, { name, type }: SampleFamily): boolean {
  return type !== 'info' && type !== 'gaugehistogram' && (sample === name || !sample.endsWith('_created'))
}
