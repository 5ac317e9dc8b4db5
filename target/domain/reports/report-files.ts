import { BoundedMap } from '../../../core/bounded-map.ts'
import type { Clock } from '../../../core/clock.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import { ProblemError } from '../../problem.ts'
import type { Datasets } from './datasets.ts'
import { FileHold, type ReportFile, renderFile } from './report-file.ts'
import type { ReportJob } from './report-job.ts'

interface KeptFile {
  file: Promise<ReportFile>
  hold: FileHold
}

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
    const file = renderFile(dataset, tenant, format, this.#clock, this.#rendering.signal, hold)
    this.#files.set(key, { file, hold }, MOST_FILES)
    // One that could not be made is made anew when it is asked for again.
    file.catch(() => {
      if (this.#files.get(key)?.file !== file) return
      this.#files.delete(key)
      hold.letGo()
    })
    return file
  }

  /** Returns whether there was one. */
  forgetOldest(): boolean {
    return this.#files.forgetOldest()
  }

  /** Forgets them all; those that are being rendered are given up. */
  clear(): void {
    while (this.#files.forgetOldest());
    this.#rendering.abort(new ProblemError('not_found', 'all reports were forgotten meanwhile'))
    this.#rendering = new AbortController()
  }
}
