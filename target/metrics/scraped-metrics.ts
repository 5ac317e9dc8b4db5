import { Counter, Gauge, type Registry } from '@prometheus-io/client'

/** The value of a metric without labels, or one value for each set of labels; values of equal labels are added up. */
type Scraped = number | Iterable<readonly [labels: Record<string, string | number>, value: number]>

/** Registers metrics whose values are read for each scrape, so that no request pays for them. */
export class ScrapedMetrics {
  readonly registry: Registry

  constructor(registry: Registry) {
    this.registry = registry
  }

  counter(name: string, help: string, read: () => Scraped, labelNames: string[] = []): void {
    this.#register(Counter, name, help, read, labelNames)
  }

  gauge(name: string, help: string, read: () => Scraped, labelNames: string[] = []): void {
    this.#register(Gauge, name, help, read, labelNames)
  }

  #register(
    Metric: typeof Counter | typeof Gauge,
    name: string,
    help: string,
    read: () => Scraped,
    labelNames: string[],
  ): void {
    const metric = new Metric({
      registers: [],
      name,
      help,
      labelNames,
      collect() {
        this.reset()
        const scraped = read()
        for (const [labels, value] of typeof scraped === 'number' ? ([[{}, scraped]] as const) : scraped) {
          this.inc(labels, value)
        }
      },
    })
    this.registry.registerMetric(metric)
  }
}
