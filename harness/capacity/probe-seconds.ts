import type { MetricName } from '../metrics/catalog.ts'
import type { Interval } from '../metrics/interval.ts'
import { mergeValue } from '../metrics/series.ts'
import { Snapshot } from '../metrics/snapshot.ts'
import { evidenceOf } from '../thresholds/evidence.ts'
import type { Threshold } from '../thresholds/threshold.ts'

/** A second of a probe. Times are offsets from its start. */
export interface ProbeSecond {
  fromMs: number
  toMs: number
  /** Samples of the metrics that a search reads. */
  samples: Snapshot
  /** Arrivals of an open model that were due. */
  offered: number
}

/** Metrics that every probe is described by. */
const DESCRIBING: readonly MetricName[] = [
  'http_reqs',
  'http_req_failed',
  'http_req_duration',
  'http_req_service_time',
  'send_delay',
  'iterations',
  'iterations_failed',
]

/** Keeps the samples of a probe second by second, so that its warm-up can be cut off afterwards. */
export class ProbeSeconds {
  readonly #metrics: readonly MetricName[]
  readonly #seconds = new Map<number, ProbeSecond>()

  constructor(slo: readonly Threshold[]) {
    this.#metrics = [...new Set([...DESCRIBING, ...slo.flatMap(({ metric }) => [metric, ...evidenceOf(metric)])])]
  }

  readonly add = ({ second, fromMs, toMs, delta, offered }: Interval): void => {
    if (second < 0) return
    const known = this.#seconds.get(second) ?? { fromMs, toMs, samples: new Snapshot(), offered: 0 }
    for (const metric of this.#metrics) {
      for (const { tags, value } of delta.select<MetricName>(metric))
        mergeValue(known.samples.value<MetricName>(metric, tags), value)
    }
    this.#seconds.set(second, {
      ...known,
      toMs: Math.max(known.toMs, toMs),
      offered: known.offered + offered,
    })
  }

  /** Returns the whole seconds of a part of the probe, in order. */
  within(fromMs: number, toMs: number): ProbeSecond[] {
    return [...this.#seconds.values()]
      .filter(second => second.fromMs >= fromMs - TOLERANCE_MS && second.toMs <= toMs + TOLERANCE_MS)
      .sort((a, b) => a.fromMs - b.fromMs)
  }
}

/** Seconds end a little late. */
const TOLERANCE_MS = 300
