import { BoundedMap } from '../../../core/bounded-map.ts'
import type { Clock } from '../../../core/clock.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { Datasets } from './datasets.ts'
import { FileHold, type ReportFile, renderFile } from './report-file.ts'
import type { ReportJob } from './report-job.ts'

interface KeptFile {
  file: Promise<ReportFile>
  hold: FileHold
}

type Asked = Pick<ReportJob, 'dataset' | 'format'> & { owner: Pick<ReportJob['owner'], 'tenant'> }

/** Maximum number of files that are kept: both formats of all datasets of some tenants. */
const MOST_FILES = 64

/**
 * Keeps the files of all jobs; jobs with the same dataset and format share one. It forgets the least recently used files and
 * renders them again on demand: the same seed gives the same bytes.
 */
export class ReportFiles {
  readonly #datasets: Datasets
  readonly #clock: Clock
  readonly #files = new BoundedMap<string, KeptFile>(({ hold }) => hold.letGo())
  readonly #memory: MemoryTable
  #rendering = new AbortController()

  constructor(datasets: Datasets, clock: Clock, memory: MemoryTable) {
    this.#memory = memory
    this.#datasets = datasets
    this.#clock = clock
  }

  fileOf({ dataset: name, format, owner: { tenant } }: Asked): Promise<ReportFile> {
    const dataset = this.#datasets[name]
    const key = `${name}.${format} ${dataset.isPerTenant ? tenant : ''}`
    const known = this.#files.touch(key)
    if (known !== undefined) return known.file
    const hold = new FileHold(this.#memory)
    hold.take()
    const file = renderFile(dataset, tenant, format, this.#clock, this.#rendering.signal, hold)
    this.#files.set(key, { file, hold }, MOST_FILES)
    // A file that failed is rendered again at the next request.
    file.catch(() => {
      if (this.#files.get(key)?.file === file) this.#files.delete(key)
    })
    return file
  }

  /** Forgets the least recently used file; returns whether there was one. */
  forgetOldest(): boolean {
    return this.#files.forgetOldest()
  }

  /** Forgets all files and stops the rendering of unfinished ones. */
  clear(): void {
    this.#files.clear()
    this.#rendering.abort(new ProblemError('not_found', 'all reports were forgotten meanwhile'))
    this.#rendering = new AbortController()
  }
}
