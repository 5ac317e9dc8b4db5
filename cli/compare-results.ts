import { type ComparedRun, comparedRun } from '../harness/comparison/compared-run.ts'
import { compareRuns, FEWEST_RUNS } from '../harness/comparison/comparison.ts'
import { differencesBetween } from '../harness/comparison/conditions.ts'
import { readResultFile, UnusableResult } from '../harness/comparison/result-file.ts'
import { comparisonLines, comparisonMarkdown, differenceLine } from '../harness/report/comparison.ts'
import { plain } from '../harness/report/terminal.ts'
import { exitCodes } from '../harness/results/exit-codes.ts'
import { InputError } from './input-error.ts'

/** Flags of `loadcell compare`. */
export interface CompareFlags {
  with: string[]
  tolerance: number
  seed: number
  markdown?: true
  json?: true
  force?: true
}

/** Most results of one comparison. Each is read in turn, and little of it is kept. */
const MOST_RESULTS = 1000

/** Prints the comparison of two sets of results. @returns the exit code. @throws InputError */
export function compareResults(basePaths: readonly string[], flags: CompareFlags): number {
  if (flags.markdown && flags.json)
    throw new InputError('--markdown and --json were both given', 'Give one of them, or none for a table.')
  if (basePaths.length + flags.with.length > MOST_RESULTS)
    throw new InputError(`expected at most ${MOST_RESULTS} results, got ${basePaths.length + flags.with.length}`)
  const [base, other] = [basePaths.map(readRun), flags.with.map(readRun)]
  rejectRepeated([...base, ...other])
  if (!flags.force) rejectUnlike([...base, ...other])
  if (base.length + other.length < FEWEST_RUNS) {
    throw new InputError(
      `one base run and one new run cannot tell a difference from noise: expected at least ${FEWEST_RUNS} runs in all`,
      'Repeat both sides, in turn: three runs of each show large differences, five are better.',
    )
  }
  const comparison = compareRuns(base, other, flags)
  if (flags.json) process.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`)
  else if (flags.markdown) process.stdout.write(comparisonMarkdown(comparison))
  else process.stdout.write(`${comparisonLines(comparison).join('\n')}\n`)
  return comparison.rows.some(({ state }) => state === 'worse') ? exitCodes.thresholdsFailed : exitCodes.ok
}

function readRun(path: string): ComparedRun {
  try {
    return readResultFile(path, comparedRun)
  } catch (error) {
    if (!(error instanceof UnusableResult)) throw error
    throw new InputError(plain(error.message))
  }
}

/** @throws InputError when the same run is given twice, which would count it as two. */
function rejectRepeated(runs: readonly ComparedRun[]): void {
  const paths = new Map<string, string>()
  for (const { id, path } of runs) {
    const known = paths.get(id)
    if (known !== undefined) {
      throw new InputError(
        `${plain(path)} and ${plain(known)} are the same run (${plain(id)})`,
        'Give each run once: repeated runs are the sample.',
      )
    }
    paths.set(id, path)
  }
}

/** @throws InputError when the runs should not be compared. */
function rejectUnlike(runs: readonly ComparedRun[]): void {
  const reasons = [
    ...differencesBetween(runs).map(differenceLine),
    ...runs.flatMap(({ path, defects }) => defects.map(defect => `${path}: ${defect}`)),
  ]
  if (reasons.length === 0) return
  throw new InputError(
    `these runs cannot be compared:\n${reasons.map(reason => `  ${plain(reason)}`).join('\n')}`,
    'Repeat runs under the same conditions, or compare them all the same with --force.',
  )
}
