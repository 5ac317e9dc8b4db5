import type { CustomMetric } from '../../metrics/custom-metric.ts'
import type { CounterName, GaugeName, RateName, Tags, TrendName } from '../../metrics/catalog.ts'
import type { Failure, Recorder, RequestSample } from '../../metrics/recorder.ts'

/** Hears what a script does besides its exchanges. */
export interface ScriptListener {
  checked(name: string, held: boolean): void
  recorded(metric: CustomMetric, tags: Tags, value: number): void
  failed(failure: Failure): void
  retried(): void
  iterated(tookMs: number): void
  interrupted(): void
}

/** Passes measurements on to a recorder, and tells a listener of those that matter to the author of a script. */
export class RecorderTap implements Recorder {
  readonly #recorder: Recorder
  readonly #listener: ScriptListener

  constructor(recorder: Recorder, listener: ScriptListener) {
    this.#recorder = recorder
    this.#listener = listener
  }

  add(metric: CounterName, tags: Tags, amount?: number, dueAt?: number): void {
    this.#recorder.add(metric, tags, amount, dueAt)
    if (metric === 'http_req_retries') this.#listener.retried()
    if (metric === 'iterations_interrupted') this.#listener.interrupted()
  }

  hit(metric: RateName, tags: Tags, hit: boolean, dueAt?: number): void {
    this.#recorder.hit(metric, tags, hit, dueAt)
    if (metric === 'checks') this.#listener.checked(tags.check ?? '', hit)
  }

  set(metric: GaugeName, tags: Tags, value: number): void {
    this.#recorder.set(metric, tags, value)
  }

  time(metric: TrendName, tags: Tags, valueMs: number, dueAt?: number): void {
    this.#recorder.time(metric, tags, valueMs, dueAt)
    if (metric === 'iteration_duration') this.#listener.iterated(valueMs)
  }

  custom(metric: CustomMetric, tags: Tags, value: number): void {
    this.#recorder.custom(metric, tags, value)
    this.#listener.recorded(metric, tags, value)
  }

  request(sample: RequestSample): void {
    this.#recorder.request(sample)
  }

  fail(failure: Failure): void {
    this.#recorder.fail(failure)
    this.#listener.failed(failure)
  }
}
