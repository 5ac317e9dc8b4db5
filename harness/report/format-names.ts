/** Formats of `--report` by name, with what they are for. `formats.ts` has the code, which is loaded only for a run. */
export const reportFormats = {
  html: 'the page for people; always written',
  json: 'every number; always written',
  junit: 'thresholds, validity and ledger as test cases, for Jenkins, GitLab and others',
  markdown: 'a summary for merge requests and wikis',
  csv: 'requests and failures in the columns of Locust, the run and its servers second by second, and the metrics of the scenario',
  openmetrics: 'every recorded series, for Prometheus and for the metrics of GitLab',
  hdr: 'the distributions of times as an HdrHistogram log, in microseconds',
  github: 'the summary of the step ($GITHUB_STEP_SUMMARY), and annotations',
  benchmark: 'times for github-action-benchmark (smaller is better), and times and rates for Bencher',
} as const

export type ResultFormat = keyof typeof reportFormats

export const reportFormatNames = Object.keys(reportFormats) as ResultFormat[]

/** Styles of the summary that a run prints at its end. */
export const summaryStyles = ['full', 'compact', 'json', 'none'] as const
export type SummaryStyle = (typeof summaryStyles)[number]
