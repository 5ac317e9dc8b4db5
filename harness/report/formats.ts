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

/** Returns the content of a file of a report. It formats the result and computes nothing. */
export type FormattedFile = (result: RunResult) => string

/** Files of each format in the folder of the report. The summary of a GitHub step has a place of its own. */
export const reportFiles: Readonly<Record<ResultFormat, Readonly<Record<string, FormattedFile>>>> = {
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

/** Returns the files of a report in these formats by name: the page first and the result last, which every run has. */
export function filesOf(formats: readonly ResultFormat[]): Map<string, FormattedFile> {
  const others = formats.filter(format => format !== 'html' && format !== 'json')
  return new Map((['html', ...others, 'json'] as const).flatMap(format => Object.entries(reportFiles[format])))
}
