import { type Registry, Summary } from '@prometheus-io/client'
import type { Histogram } from '../../core/histogram.ts'

const QUANTILES = [0.5, 0.9, 0.99]

export interface StationTimesOptions {
  registry: Registry
  name: string
  help: string
  /** Histograms in ms by station, as they are now. */
  read: () => Iterable<[station: string, times: Histogram]>
}

/** Histograms of ours as a Prometheus summary, in seconds: read when it is asked for, and never observed into. */
export class StationTimes extends Summary<'station' | 'quantile'> {
  readonly #read: StationTimesOptions['read']

  constructor({ registry, name, help, read }: StationTimesOptions) {
    super({ name, help, labelNames: ['station'], registers: [registry] })
    this.#read = read
  }

  override async get() {
    const { name, ...description } = await super.get()
    const values = Array.from(this.#read(), ([station, times]) => [
      ...QUANTILES.map(quantile => ({
        labels: { quantile, station },
        value: times.percentile(quantile * 100) / 1000,
      })),
      { metricName: `${name}_sum`, labels: { station }, value: times.sumMs / 1000 },
      { metricName: `${name}_count`, labels: { station }, value: times.count },
    ])
    return { ...description, name, values: values.flat() }
  }
}
