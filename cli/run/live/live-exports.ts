import { isDeepStrictEqual } from 'node:util'
import { systemClock } from '../../../core/clock.ts'
import type { Destination } from '../../../harness/export/destination.ts'
import { ExportUnavailable, type LiveExport } from '../../../harness/export/live-export.ts'
import type { ExposedRun } from '../../../harness/report/exposition/exposed-run.ts'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { InputError } from '../../process/input-error.ts'

export interface LiveExportsOptions {
  env: NodeJS.ProcessEnv
  /** Tells the user something, in a sentence. */
  tell: (note: string) => void
}

/** The places that get the metrics of a run while it goes on. Whatever goes wrong with one of them never changes the run. */
export class LiveExports {
  static readonly none = new LiveExports([], () => {})
  readonly #tell: LiveExportsOptions['tell']
  #exports: readonly LiveExport[]

  private constructor(exports: readonly LiveExport[], tell: LiveExportsOptions['tell']) {
    this.#exports = exports
    this.#tell = tell
  }

  /**
   * @param openOne opens a destination
   * @throws InputError when one of them cannot be used
   */
  static async open(
    destinations: readonly Destination[],
    options: LiveExportsOptions,
    openOne: (destination: Destination, options: LiveExportsOptions) => Promise<LiveExport> = open,
  ): Promise<LiveExports> {
    const twice = destinations.find((each, at) =>
      destinations.slice(0, at).some(other => isDeepStrictEqual(each, other)),
    )
    if (twice !== undefined) throw new InputError(`--export ${twice.kind} is given twice`, 'Leave one of them out.')
    const opened: LiveExport[] = []
    try {
      for (const destination of destinations) opened.push(await openOne(destination, options))
    } catch (error) {
      for (const each of opened) each.close()
      if (error instanceof ExportUnavailable) throw new InputError(error.message, error.nextStep)
      throw error
    }
    for (const { place } of opened) options.tell(`The metrics of this run are exported to ${place}.`)
    return new LiveExports(opened, options.tell)
  }

  update(run: ExposedRun): void {
    for (const each of this.#exports) {
      try {
        each.update(run)
      } catch (error) {
        this.#giveUp(each, error)
      }
    }
  }

  /** Hands over the final numbers, which are those of the result. */
  async finish(result: RunResult, hurry: AbortSignal): Promise<void> {
    if (this.#exports.length === 0) return
    const { exposedResult } = await import('../../../harness/report/exposition/exposed-run.ts')
    const run = exposedResult(result)
    await Promise.all(this.#exports.map(each => each.finish(run, hurry).catch(error => this.#giveUp(each, error))))
  }

  close(): void {
    for (const each of this.#exports) each.close()
  }

  /** Ends an export that has a defect. */
  #giveUp(broken: LiveExport, error: unknown): void {
    this.#exports = this.#exports.filter(each => each !== broken)
    broken.close()
    this.#tell(`The export to ${broken.place} has ended because of a defect of Loadcell: ${String(error)}`)
  }
}

async function open(destination: Destination, { env, tell }: LiveExportsOptions): Promise<LiveExport> {
  if (destination.kind === 'otlp') {
    const { openOtlpExport } = await import('../../../harness/export/otlp/open.ts')
    return openOtlpExport({ env, tell, clock: systemClock })
  }
  const { PrometheusEndpoint } = await import('../../../harness/export/prometheus-endpoint.ts')
  return PrometheusEndpoint.open({ ...destination, tell, clock: systemClock })
}
