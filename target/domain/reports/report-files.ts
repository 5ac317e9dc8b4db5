import { BoundedMap } from '../../../core/bounded-map.ts'
import type { Clock } from '../../../core/clock.ts'
import { ProblemError } from '../../problem.ts'
import type { Datasets } from './datasets.ts'
import { type ReportFile, renderFile } from './report-file.ts'
import type { ReportJob } from './report-job.ts'

type Asked = Pick<ReportJob, 'dataset' | 'format'> & { owner: Pick<ReportJob['owner'], 'tenant'> }

/** Enough for both formats of all datasets of some tenants. */
const MOST_FILES = 64

/**
 * The files of all jobs: jobs that ask for the same share one. Those that were not used the longest are forgotten, and
 * rendered again when somebody asks: the same seed gives the same bytes.
 */
export class ReportFiles {
  readonly #datasets: Datasets
  readonly #clock: Clock
  readonly #files = new BoundedMap<string, Promise<ReportFile>>()
  #rendering = new AbortController()

  constructor(datasets: Datasets, clock: Clock) {
    this.#datasets = datasets
    this.#clock = clock
  }

  fileOf({ dataset: name, format, owner: { tenant } }: Asked): Promise<ReportFile> {
    const dataset = this.#datasets[name]
    const key = `${name}.${format} ${dataset.isPerTenant ? tenant : ''}`
    const known = this.#files.touch(key)
    if (known !== undefined) return known
    const file = renderFile(dataset, tenant, format, this.#clock, this.#rendering.signal)
    this.#files.set(key, file, MOST_FILES)
    return file
  }

  /** Forgets them all; those that are being rendered are given up. */
  clear(): void {
    this.#files.clear()
    this.#rendering.abort(new ProblemError('not_found', 'all reports were forgotten meanwhile'))
    this.#rendering = new AbortController()
  }
}
