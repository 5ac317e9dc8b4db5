import { formatNumber, formatShare } from '../../core/number-format.ts'
import { formatDuration } from '../../core/duration.ts'
import { type CapacityCheck, isCapacityCalibrated, MOST_ERROR } from './capacity-check.ts'
import { kneeOf, type KnownQueue, theoreticalRate } from './known-queues.ts'
import type { RealSearch } from './target-search.ts'
import type { SearchesSummary, SimulatedSearches } from './simulated-search.ts'

/** Returns a check as tables in Markdown. */
export function capacityCheckMarkdown(check: CapacityCheck): string {
  const { simulated, real, precision } = check
  const limit = formatShare(MOST_ERROR)
  return [
    `Searches end when the interval is ±${formatShare(precision)}. ${isCapacityCalibrated(check) ? `All errors are within ${limit}.` : `**Some errors exceed ${limit}.**`}`,
    ...searchLines(simulated, real),
    '',
  ].join('\n')
}

/** Returns searches as tables with titles. */
export function searchLines(simulated: readonly SimulatedSearches[], real: readonly RealSearch[]): string[] {
  return [
    '',
    '### In simulated time',
    '',
    '| queue | objective | theory | search | error: median | 95 % of searches | interval holds it | probes | measured |',
    '| --- | --- | --: | --- | --: | --: | --: | --: | --: |',
    ...simulated.flatMap(simulatedRows),
    ...(real.length === 0 ? [] : ['', '### In real runs', '', ...realTable(real)]),
  ]
}

function objective({ limitMs, station }: KnownQueue): string {
  return `p95 < ${limitMs} ms (service ${station.meanServiceMs} ms)`
}

function simulatedRows({ model, searches, ours, naive }: SimulatedSearches): string[] {
  const theory = theoreticalRate(model)
  const heads = [
    [model.name, objective(model), `${formatNumber(theory)}/s, ${formatShare(theory / kneeOf(model))} of the knee`],
    ['', '', ''],
  ]
  return [
    summaryRow(heads[0]!, `${searches} of Loadcell`, ours),
    summaryRow(heads[1]!, `${searches} by bisection that believes each probe`, naive),
  ]
}

function summaryRow(head: readonly string[], name: string, summary: SearchesSummary): string {
  const { medianError, p95Error, coverage, meanProbes, meanSeconds } = summary
  const cells = [
    ...head,
    name,
    formatShare(medianError),
    formatShare(p95Error),
    coverage === undefined ? '–' : formatShare(coverage),
    formatNumber(meanProbes),
    formatDuration(Math.round(meanSeconds) * 1000),
  ]
  return `| ${cells.join(' | ')} |`
}

function realTable(searches: readonly RealSearch[]): string[] {
  return [
    '| queue | objective | theory | found | interval | error | probes | took | |',
    '| --- | --- | --: | --: | --: | --: | --: | --: | --- |',
    ...searches.map(({ model, theory, found, error, probes, durationMs, problem }) => {
      const cells = [
        model.name,
        objective(model),
        theory?.load === undefined ? '–' : `${formatNumber(theory.load)}/s`,
        found === undefined ? '–' : `${formatNumber(found.estimate)}/s`,
        found === undefined ? '–' : `${formatNumber(found.interval.low)} to ${formatNumber(found.interval.high)}`,
        error === undefined ? '–' : `${error > 0 ? '+' : ''}${formatNumber(error * 100)} %`,
        String(probes),
        formatDuration(Math.round(durationMs)),
        problem ?? (Math.abs(error ?? 1) <= MOST_ERROR ? '✓' : '**✗**'),
      ]
      return `| ${cells.join(' | ')} |`
    }),
  ]
}
