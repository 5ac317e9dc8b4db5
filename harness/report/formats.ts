import type { RunResult } from '../results/run-result.ts'
import type { ResultFormat } from './format-names.ts'
import { bencherJson, smallerIsBetterJson } from './formats/benchmark.ts'
import { failuresCsv, metricsCsv, serverCsv, statsCsv, timelineCsv } from './formats/csv.ts'
import { histogramLog } from './formats/hdr.ts'
import { resultJson } from './formats/json.ts'
import { junitXml } from './formats/junit.ts'
import { runMarkdown } from './formats/markdown.ts'
import { openMetrics } from './formats/openmetrics.ts'
import { renderReport } from './html.ts'
import type { reportFileNames } from './late-files.ts'

/** Returns the content of a file of a report. It formats the result and computes nothing. */
export type FormattedFile = (result: RunResult) => string

/** The functions that write the files of each format. */
export const reportFiles: {
  readonly [Format in ResultFormat]: Readonly<Record<(typeof reportFileNames)[Format][number], FormattedFile>>
} = {
  html: { 'report.html': renderReport },
  json: { 'result.json': resultJson },
  junit: { 'junit.xml': junitXml },
  markdown: { 'summary.md': runMarkdown },
  csv: {
    'stats.csv': statsCsv,
    'failures.csv': failuresCsv,
    'timeline.csv': timelineCsv,
    'server.csv': serverCsv,
    'metrics.csv': metricsCsv,
  },
  openmetrics: { 'openmetrics.txt': openMetrics },
  hdr: { 'histograms.hlog': histogramLog },
  github: {},
  benchmark: { 'benchmark.json': smallerIsBetterJson, 'bencher.json': bencherJson },
}
