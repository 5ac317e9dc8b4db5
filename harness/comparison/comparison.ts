import { effectOf } from '../statistics/effect.ts'
import { drawResamples } from '../statistics/resamples.ts'
import { shareScale } from '../statistics/scale.ts'
import { type DifferenceVerdict, FALSE_DISCOVERY_RATE, judgeDifferences } from '../statistics/verdict.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import type { ComparedRun } from './compared-run.ts'
import { type ConditionDifference, differencesBetween } from './conditions.ts'
import { isMoreBetter, nameOf, scaleOf, type Statistic, unitOf } from './statistic.ts'

/** The comparison of the runs of two sides. Reporters format it and compute nothing. */
export interface RunComparison {
  format: 'loadcell.comparison/1'
  base: ComparedSide
  other: ComparedSide
  /** Conditions in which runs differ. */
  differences: ConditionDifference[]
  /** Reasons not to trust single runs. */
  defects: { path: string; defect: string }[]
  /** Largest change that does not matter: relative, and in points for shares. */
  tolerance: number
  shareTolerance: number
  falseDiscoveryRate: number
  rows: ComparisonRow[]
  /** Statistics that some runs lack, or have too few samples for. */
  missing: { statistic: string; base: number; other: number }[]
}

export interface ComparedSide {
  scenario: string
  runs: { path: string; id: string }[]
}

export interface ComparisonRow {
  /** `http_req_duration{name:/orders} p(95)`. */
  statistic: string
  unit: ThresholdVerdict['unit']
  /** Means over the runs of each side: geometric for times and rates. */
  base: number
  other: number
  state: 'worse' | 'better' | 'same' | 'unclear'
  verdict: DifferenceVerdict
}

export interface ComparisonOptions {
  tolerance: number
  seed: number
}

/** Fewer runs in all show nothing of the spread between runs. */
export const FEWEST_RUNS = 3
/** A difference between shares that does not matter: one percentage point. */
const SHARE_TOLERANCE = 0.01

/** Compares two sides, of at least three runs in all. Pure. */
export function compareRuns(
  base: readonly ComparedRun[],
  other: readonly ComparedRun[],
  { tolerance, seed }: ComparisonOptions,
): RunComparison {
  const runs = [...base, ...other]
  const resamples = drawResamples(seed, [base.length, other.length])
  const { compared, missing } = statisticsOf(base, other)
  const tested = compared.map(statistic => {
    const scale = scaleOf(statistic)
    const key = nameOf(statistic)
    const valuesOf = (side: readonly ComparedRun[]) => side.flatMap(({ figures }) => figures.get(key)?.value ?? [])
    return {
      effect: effectOf(valuesOf(base), valuesOf(other), resamples),
      scale,
      tolerance: scale === shareScale ? SHARE_TOLERANCE : tolerance,
      runs: resamples.runs,
      isMoreBetter: isMoreBetter(statistic),
    }
  })
  const verdicts = judgeDifferences(tested)
  return {
    format: 'loadcell.comparison/1',
    base: sideOf(base),
    other: sideOf(other),
    differences: differencesBetween(runs),
    defects: runs.flatMap(({ path, defects }) => defects.map(defect => ({ path, defect }))),
    tolerance,
    shareTolerance: SHARE_TOLERANCE,
    falseDiscoveryRate: FALSE_DISCOVERY_RATE,
    rows: compared.flatMap((statistic, index) => {
      const [difference, verdict] = [tested[index], verdicts[index]]
      if (difference === undefined || verdict === undefined) return []
      const { effect, scale } = difference
      return [
        {
          statistic: nameOf(statistic),
          unit: unitOf(statistic),
          base: scale.back(effect.base),
          other: scale.back(effect.base + effect.difference),
          state: stateOf(statistic, verdict),
          verdict,
        },
      ]
    }),
    missing,
  }
}

/** Returns the statistics that every run has, and those that only some have. */
function statisticsOf(
  base: readonly ComparedRun[],
  other: readonly ComparedRun[],
): { compared: Statistic[]; missing: RunComparison['missing'] } {
  const all = new Map<string, Statistic>()
  for (const { figures } of [...base, ...other])
    for (const [key, { statistic }] of figures) if (!all.has(key)) all.set(key, statistic)
  const having = (side: readonly ComparedRun[], key: string, statistic: Statistic) =>
    side.filter(({ figures }) => isSame(figures.get(key)?.statistic, statistic)).length
  const compared: Statistic[] = []
  const missing: RunComparison['missing'] = []
  for (const [key, statistic] of all) {
    const [inBase, inOther] = [having(base, key, statistic), having(other, key, statistic)]
    if (inBase === base.length && inOther === other.length) compared.push(statistic)
    else missing.push({ statistic: key, base: inBase, other: inOther })
  }
  return { compared, missing }
}

/** Tells whether two runs have the same statistic. A scenario may have changed the kind or the unit of a metric. */
function isSame(one: Statistic | undefined, other: Statistic): boolean {
  return one !== undefined && one.custom?.kind === other.custom?.kind && one.custom?.unit === other.custom?.unit
}

function stateOf(statistic: Statistic, { state }: DifferenceVerdict): ComparisonRow['state'] {
  if (state === 'same' || state === 'unclear') return state
  return (state === 'more') === isMoreBetter(statistic) ? 'better' : 'worse'
}

function sideOf(runs: readonly ComparedRun[]): ComparedSide {
  return {
    scenario: runs[0]?.conditions.get('scenario') ?? '',
    runs: runs.map(({ path, id }) => ({ path, id })),
  }
}
