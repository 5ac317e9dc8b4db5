import type { ComparedRun } from '../../../harness/comparison/compared-run.ts'
import { conditionsOf, differencesBetween } from '../../../harness/comparison/conditions.ts'
import {
  judgeRegressions,
  limitedRun,
  parseRegressionLimit,
  type RegressionLimit,
} from '../../../harness/comparison/regression.ts'
import { readResultFile, UnusableResult } from '../../../harness/comparison/result-file.ts'
import type { MetricVocabulary } from '../../../harness/metrics/vocabulary.ts'
import type { Plan } from '../../../harness/plan/plan.ts'
import { differenceLine } from '../../../harness/report/comparison.ts'
import { plain } from '../../../harness/report/terminal.ts'
import type { IncompleteResult } from '../../../harness/results/complete.ts'
import { describe, environment } from '../../../harness/run/description.ts'
import { InputError } from '../../process/input-error.ts'

/** Flags of `loadcell run` for the comparison with earlier runs. */
export interface BaselineFlags {
  baseline: string[]
  maxRegression: string[]
  force?: true
}

/** Most baseline runs; more hardly narrow an interval that has one new run on its other side. */
const MOST_BASELINES = 100

/** Earlier runs that a run is compared with. */
export class Baseline {
  readonly #limits: readonly RegressionLimit[]
  readonly #runs: readonly ComparedRun[]

  private constructor(limits: readonly RegressionLimit[], runs: readonly ComparedRun[]) {
    this.#limits = limits
    this.#runs = runs
  }

  /** Reads the baseline before any load is sent. @throws InputError also if only one of the flags is given */
  static read({ baseline, maxRegression }: BaselineFlags, vocabulary: MetricVocabulary): Baseline {
    if (baseline.length === 0) {
      throw new InputError(
        '--max-regression compares with earlier runs, and none is given',
        'Give their results with --baseline, which may be repeated.',
      )
    }
    if (maxRegression.length === 0) {
      throw new InputError(
        '--baseline says what to compare with, but not how much worse the run may be',
        "Add a limit, such as --max-regression 'http_req_duration p(95) 5%'.",
      )
    }
    if (baseline.length > MOST_BASELINES)
      throw new InputError(`expected at most ${MOST_BASELINES} baseline runs, got ${baseline.length}`)
    const limits = maxRegression.map(source => readLimit(source, vocabulary))
    return new Baseline(
      limits,
      baseline.map(path => readRun(path, limits)),
    )
  }

  /** Checks that the run will be comparable. @throws InputError with the differences */
  expect(plan: Plan, target: { targetUrl: string; embedded: boolean; version: string; places?: string[] }): void {
    const run = describe(plan, target, { id: '', startedAt: 0, durationMs: 0 })
    const planned = { path: 'this run', conditions: conditionsOf({ run, environment: environment() }) }
    const ids = new Set(this.#runs.map(({ id }) => id))
    const reasons = [
      ...(ids.size < this.#runs.length ? ['a baseline run is given twice'] : []),
      ...differencesBetween([...this.#runs, planned]).map(differenceLine),
      ...this.#runs.flatMap(({ path, defects }) => defects.map(defect => `${path}: ${defect}`)),
    ]
    if (reasons.length === 0) return
    throw new InputError(
      `the baseline cannot be compared with this run:\n${reasons.map(reason => `  ${plain(reason)}`).join('\n')}`,
      'Record a baseline under the same conditions, or compare all the same with --force.',
    )
  }

  /** Returns the result with its comparison. */
  judge(result: IncompleteResult): IncompleteResult {
    const run = limitedRun(this.#limits, 'this run', result)
    return { ...result, regressions: judgeRegressions(this.#limits, this.#runs, run) }
  }
}

function readLimit(source: string, vocabulary: MetricVocabulary): RegressionLimit {
  try {
    return parseRegressionLimit(source, vocabulary)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new InputError(`--max-regression ${plain(source)}: ${plain(error.message)}`)
  }
}

function readRun(path: string, limits: readonly RegressionLimit[]): ComparedRun {
  try {
    return readResultFile(path, (file, result) => limitedRun(limits, file, result))
  } catch (error) {
    if (!(error instanceof UnusableResult)) throw error
    throw new InputError(`--baseline: ${plain(error.message)}`)
  }
}
