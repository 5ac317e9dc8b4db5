import type { RunResult } from '../results/run-result.ts'
import type { ResultFormat } from './format-names.ts'
import type { FormattedFile } from './formats.ts'

/** Names of the files of each format in the folder of the report. The summary of a GitHub step has a place of its own. */
export const reportFileNames = {
  html: ['report.html'],
  json: ['result.json'],
  junit: ['junit.xml'],
  markdown: ['summary.md'],
  csv: ['stats.csv', 'failures.csv', 'timeline.csv', 'server.csv', 'metrics.csv'],
  openmetrics: ['openmetrics.txt'],
  hdr: ['histograms.hlog'],
  github: [],
  benchmark: ['benchmark.json', 'bencher.json'],
} as const satisfies Record<ResultFormat, readonly string[]>

/** The files of the report of a run. Their names are known before the run; what writes them is loaded after it, because no start should wait for that. */
export class LateFiles {
  /** The function that writes each file, by name: the page first and the result last, which every run has. */
  readonly byName: ReadonlyMap<string, FormattedFile>
  #writers: ReadonlyMap<string, FormattedFile> = new Map()

  constructor(formats: readonly ResultFormat[]) {
    const others = formats.filter(format => format !== 'html' && format !== 'json')
    const names = (['html', ...others, 'json'] as const).flatMap((format): readonly string[] => reportFileNames[format])
    this.byName = new Map(names.map(name => [name, (result: RunResult) => this.#writers.get(name)!(result)]))
  }

  /** Loads what writes the files. */
  async load(): Promise<void> {
    const { reportFiles } = await import('./formats.ts')
    this.#writers = new Map(Object.values(reportFiles).flatMap(files => Object.entries<FormattedFile>(files)))
  }
}
