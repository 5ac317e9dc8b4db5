import type { MetricName, Tags } from '../metrics/catalog.ts'
import type { Interval } from '../metrics/interval.ts'
import { mergeValue } from '../metrics/series.ts'
import { Snapshot } from '../metrics/snapshot.ts'
import { evidenceOf } from '../thresholds/evidence.ts'
import type { Threshold } from '../thresholds/threshold.ts'

/** A second of a probe. Times are offsets from its start. */
export interface ProbeSecond {
  fromMs: number
  toMs: number
  /** Samples of the metrics that a search reads, by the tags that it reads. */
  samples: Snapshot
  /** Arrivals of an open model that were due. */
  offered: number
}

const ofOperation: readonly string[] = ['method', 'name']

/** Metrics that every probe is described by, and the tags that they are told apart by. */
const describing: Partial<Record<MetricName, readonly string[]>> = {
  http_reqs: ofOperation,
  http_req_failed: ofOperation,
  http_req_duration: ofOperation,
  http_req_service_time: [],
  send_delay: [],
  iterations: [],
  iterations_failed: [],
}

/** Seconds end a little late. */
const TOLERANCE_MS = 300

/**
 * Keeps the samples of a probe second by second, so that its warm-up can be cut off afterwards. Tags that nobody asks for are dropped,
 * because a second of every series would take megabytes.
 */
export class ProbeSeconds {
  readonly #tags: ReadonlyMap<string, readonly string[]>
  readonly #seconds = new Map<number, ProbeSecond>()

  constructor(slo: readonly Threshold[]) {
    const tags = new Map<string, readonly string[]>(Object.entries(describing))
    for (const { metric, kind, readings } of slo) {
      const asked = readings.flatMap(reading => Object.keys(reading))
      for (const each of [metric, ...evidenceOf(metric, kind)])
        tags.set(each, [...new Set([...(tags.get(each) ?? []), ...asked])])
    }
    this.#tags = tags
  }

  readonly add = ({ second, fromMs, toMs, delta, offered }: Interval): void => {
    if (second < 0) return
    const known = this.#seconds.get(second) ?? { fromMs, toMs, samples: new Snapshot(), offered: 0 }
    for (const [metric, kept] of this.#tags) {
      for (const { tags, value } of delta.select(metric))
        mergeValue(known.samples.valueOf(metric, value.kind, only(tags, kept)), value)
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

function only(tags: Tags, kept: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([tag]) => kept.includes(tag)))
}
