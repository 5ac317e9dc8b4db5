import { comparedRun } from '../../../../../harness/comparison/compared-run.ts'
import { compareRuns } from '../../../../../harness/comparison/comparison.ts'
import { curvesOf, overlaid } from '../../../../../harness/comparison/curves.ts'
import type { StoredResult } from '../../../../../harness/comparison/compared-run.ts'
import { renderComparison } from '../../../../../harness/report/comparison-page/page.ts'
import { type StoredRunOptions, storedRun } from '../../../../support/stored-runs.ts'

type Options = Omit<StoredRunOptions, 'id'>

/** Returns four runs of a side. */
export const comparedSide = (name: string, options: Options = {}): StoredResult[] =>
  [1, 2, 3, 4].map(number => storedRun({ id: `${name}-${number}`, seconds: 10, ...options }))

/** Returns the page of a comparison of these runs. */
export function pageOf(base: readonly StoredResult[], other: readonly StoredResult[]): string {
  const runsOf = (side: readonly StoredResult[]) => side.map(run => comparedRun(`${run.run.id}/result.json`, run))
  const comparison = compareRuns(runsOf(base), runsOf(other), { tolerance: 0.05, seed: 1 })
  return renderComparison(comparison, overlaid(base.map(curvesOf), other.map(curvesOf)))
}

export const comparisonPage = (base: Options = {}, other: Options = {}) =>
  pageOf(comparedSide('base', base), comparedSide('new', other))
