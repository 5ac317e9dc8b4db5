import type { RunResult } from '../results/run-result.ts'
import type { ResultFormat } from './format-names.ts'
import { bencherJson, smallerIsBetterJson } from './formats/benchmark.ts'
import { failuresCsv, statsCsv, timelineCsv } from './formats/csv.ts'
import { histogramLog } from './formats/hdr.ts'
import { resultJson } from './formats/json.ts'
import { junitXml } from './formats/junit.ts'
import { runMarkdown } from './formats/markdown.ts'
import { openMetrics } from './formats/openmetrics.ts'
import { renderReport } from './html.ts'

/** Returns the content of a file of a report. It formats the result and computes nothing. */
export type FormattedFile = (result: RunResult) => string

/** Files of each format in the folder of the report. The summary of a GitHub step has a place of its own. */
export const reportFiles: Readonly<Record<ResultFormat, Readonly<Record<string, FormattedFile>>>> = {
  html: { 'report.html': renderReport },
  json: { 'result.json': resultJson },
  junit: { 'junit.xml': junitXml },
  markdown: { 'summary.md': runMarkdown },
  csv: { 'stats.csv': statsCsv, 'failures.csv': failuresCsv, 'timeline.csv': timelineCsv },
  openmetrics: { 'openmetrics.txt': openMetrics },
  hdr: { 'histograms.hlog': histogramLog },
  github: {},
  benchmark: { 'benchmark.json': smallerIsBetterJson, 'bencher.json': bencherJson },
}
