import { comparedRun, type ComparedRun } from '../../../../harness/comparison/compared-run.ts'
import { historyOf, type OmittedResult, type RunHistory } from '../../../../harness/comparison/history.ts'
import { ShiftChance } from '../../../../harness/statistics/shift-chance.ts'
import { type StoredRunOptions, storedRun } from '../../../support/stored-runs.ts'

const options = { last: 200, seed: 1, chance: new ShiftChance(1, 1999) }

type Options = Omit<StoredRunOptions, 'id'>

const runOf = (day: number, own: Options): ComparedRun =>
  comparedRun(
    `run-${day}/result.json`,
    storedRun({ id: `run-${day}`, day, requests: 100, deviation: 0.02, tags: { commit: `c${day}` }, ...own }),
  )

/** The history of one run a day. */
export function historyOfDays(
  days: number,
  run: Options = {},
  others: ComparedRun[] = [],
  leftOut: OmittedResult[] = [],
): RunHistory {
  const runs = Array.from({ length: days }, (_, day) => runOf(day, run))
  return historyOf([...runs, ...others], leftOut, options)
}

/** Later runs, with another version of Node. */
export function newerRuns(count: number): ComparedRun[] {
  return Array.from({ length: count }, (_, index) => {
    const run = runOf(100 + index, {})
    return { ...run, conditions: new Map(run.conditions).set('Node', 'v26.0.0') }
  })
}

/** The history of 24 days, in which orders became slower by 20 % on the sixteenth. */
export function releasedHistory(): RunHistory {
  const runs = Array.from({ length: 24 }, (_, day) =>
    runOf(day, { medians: { '/orders': day < 15 ? 10 : 12, '/products': 5 } }),
  )
  return historyOf(runs, [], options)
}
