import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { Clock } from '../../../core/clock.ts'
import type { ExposedRun } from '../../report/exposition/exposed-run.ts'
import type { LiveExport } from '../live-export.ts'
import { Slices } from '../slices.ts'
import type { OtlpSettings } from './environment.ts'
import { failureOf } from './failure.ts'
import { type OtlpPackages, resourceMetricsOf } from './resource-metrics.ts'

export interface OtlpExportOptions extends Omit<OtlpSettings, 'url' | 'protocol'> {
  packages: OtlpPackages
  exporter: PushMetricExporter
  /** URL of the collector, without secrets. */
  place: string
  clock: Clock
  tell: (note: string) => void
}

/** Time that an exporter may take beyond its own limit. */
const GRACE_MS = 1000
/** A wait that is longer is explained. */
const TELL_AFTER_MS = 1000

/** Pushes the metrics of a run to a collector at an interval, one export at a time. */
export class OtlpExport implements LiveExport {
  readonly place: string
  readonly #options: OtlpExportOptions
  #dueAt: number | undefined
  #underWay: Promise<void> | undefined
  #begun = 0
  #failed = 0
  /** Exports that were left out, because an earlier one took too long. */
  #skipped = 0
  /** Points that the collector rejected from exports that it took. */
  #rejected = 0
  #told = false

  constructor(options: OtlpExportOptions) {
    this.place = options.place
    this.#options = options
  }

  update(run: ExposedRun): void {
    const { clock, intervalMs } = this.#options
    const now = clock.now()
    this.#dueAt ??= now + intervalMs
    // Timers may be a little early.
    if (now < this.#dueAt - 1) return
    this.#dueAt += intervalMs * Math.max(1, Math.ceil((now - this.#dueAt) / intervalMs))
    if (this.#underWay === undefined) this.#begin(run)
    else this.#skipped += 1
  }

  async finish(run: ExposedRun, hurry: AbortSignal): Promise<void> {
    const finished = new AbortController()
    void this.#tellWait(AbortSignal.any([finished.signal, hurry]))
    await this.#within(this.#underWay, hurry)
    const failedBefore = this.#failed
    this.#begin(run)
    await this.#within(this.#underWay, hurry)
    finished.abort()
    this.#tellTotals(this.#underWay === undefined && this.#failed === failedBefore)
    this.close()
  }

  /** Takes a warning of the exporter. */
  warned(message: string, detail: unknown): void {
    const [, count] = /partial success/i.test(message)
      ? (/"rejectedDataPoints":"?(\d+)/.exec(String(detail)) ?? [])
      : []
    if (Number(count ?? 0) === 0) return
    this.#rejected += Number(count)
    this.#tellOnce(`${this.place} rejected some of the metrics.`)
  }

  close(): void {
    this.#options.exporter.shutdown().catch(() => {})
  }

  #begin(run: ExposedRun): void {
    this.#begun += 1
    this.#underWay = this.#send(run).then(reason => {
      this.#underWay = undefined
      if (reason !== undefined) this.#fail(reason)
    })
  }

  /** Resolves with the reason of a failure. */
  async #send(run: ExposedRun): Promise<string | undefined> {
    const { exporter, packages, clock } = this.#options
    try {
      const metrics = await resourceMetricsOf(run, this.#options, packages, new Slices(clock))
      return await new Promise(resolve => {
        // Every code but 0 is a failure.
        exporter.export(metrics, ({ code, error }) => resolve(code ? failureOf(error) : undefined))
      })
    } catch (error) {
      return failureOf(error as Error)
    }
  }

  #fail(reason: string): void {
    this.#failed += 1
    this.#tellOnce(`An export of metrics to ${this.place} failed: ${reason}.`)
  }

  #tellOnce(problem: string): void {
    if (!this.#told) this.#options.tell(`${problem} The run goes on.`)
    this.#told = true
  }

  #tellTotals(delivered: boolean): void {
    if (this.#failed + this.#skipped + this.#rejected === 0 && delivered) return
    const counts = [
      `${this.#failed} of ${this.#begun} exports to ${this.place} failed`,
      this.#skipped > 0 &&
        `${this.#skipped} ${this.#skipped === 1 ? 'was' : 'were'} left out, because the one before took too long`,
      this.#rejected > 0 && `${this.#rejected} points were rejected`,
    ].filter(count => count !== false)
    const last = delivered ? 'arrived' : 'did not arrive'
    this.#options.tell(`${counts.join('; ')}. The last one, with the final numbers, ${last}.`)
  }

  /** Tells why the end takes so long, if it does. */
  async #tellWait(over: AbortSignal): Promise<void> {
    const { clock, timeoutMs, tell } = this.#options
    await clock.sleep(TELL_AFTER_MS, over)
    if (!over.aborted) tell(`Waiting up to ${Math.ceil(timeoutMs / 1000)} s for ${this.place}. Ctrl-C skips it.`)
  }

  async #within(underWay: Promise<void> | undefined, hurry: AbortSignal): Promise<void> {
    if (underWay === undefined) return
    const { clock, timeoutMs } = this.#options
    const enough = new AbortController()
    await Promise.race([underWay, clock.sleep(timeoutMs + GRACE_MS, AbortSignal.any([enough.signal, hurry]))])
    enough.abort()
  }
}
