import { basename, extname, join } from 'node:path'
import { type ComparedRun, comparedRun } from '../harness/comparison/compared-run.ts'
import { compareRuns, FEWEST_RUNS } from '../harness/comparison/comparison.ts'
import { differencesBetween } from '../harness/comparison/conditions.ts'
import { readResultFile, UnusableResult } from '../harness/comparison/result-file.ts'
import { comparisonLines, comparisonMarkdown, differenceLine, noiseLines } from '../harness/report/comparison.ts'
import { plain } from '../harness/report/terminal.ts'
import { exitCodes } from '../harness/results/exit-codes.ts'
import { InputError } from './input-error.ts'
import type { Interrupts } from './interrupts.ts'
import { timestamp } from './report-folder.ts'
import { type InterleavedRounds, runRounds } from './rounds.ts'

/** Flags of `loadcell compare`. */
export interface CompareFlags {
  with?: string[]
  ab?: string
  aa?: string
  a?: string
  b?: string
  rounds: number
  duration?: string
  out?: string
  tolerance: number
  seed: number
  markdown?: true
  json?: true
  force?: true
}

/** Most results of one comparison. Each is read in turn, and little of it is kept. */
const MOST_RESULTS = 1000

/** Compares results that there are, or runs a scenario in rounds first. @returns the exit code. @throws InputError */
export async function compare(paths: readonly string[], flags: CompareFlags, interrupts: Interrupts): Promise<number> {
  if (flags.markdown && flags.json)
    throw new InputError('--markdown and --json were both given', 'Give one of them, or none for a table.')
  const plan = roundsOf(paths, flags)
  if (plan === undefined) return compareResults(paths, flags.with ?? [], flags)
  const { a, b } = await runRounds(plan, interrupts)
  process.stderr.write(`the runs are in ${plan.out}\n`)
  return compareResults(a, b, flags)
}

/** Returns the rounds to run; undefined for results that there are. @throws InputError when the options do not fit together. */
function roundsOf(paths: readonly string[], flags: CompareFlags): InterleavedRounds | undefined {
  const { ab, aa, a, b, rounds, duration, seed } = flags
  const scenario = ab ?? aa
  if (scenario === undefined) {
    const alone = (['a', 'b', 'duration', 'out'] as const).find(flag => flags[flag] !== undefined)
    if (alone !== undefined) throw new InputError(`--${alone} is for --ab and --aa`, 'Give one of these, too.')
    if (paths.length === 0 || flags.with === undefined) {
      throw new InputError(
        'expected results of both sides',
        'Write: loadcell compare base/*/result.json --with new/*/result.json',
      )
    }
    return undefined
  }
  if (ab !== undefined && aa !== undefined) throw new InputError('--ab and --aa were both given', 'Give one of them.')
  if (paths.length > 0 || flags.with !== undefined)
    throw new InputError('--ab and --aa make the results that they compare', 'Leave out the results.')
  if (ab !== undefined && (a === undefined || b === undefined))
    throw new InputError('--ab compares two targets', 'Give their URLs with --a and --b.')
  if (aa !== undefined && b !== undefined)
    throw new InputError('--aa compares one target with itself', 'Give its URL with --a, and leave out --b.')
  const out = flags.out ?? join('loadcell-results', `${basename(scenario, extname(scenario))}-rounds-${timestamp()}`)
  return { scenario, targets: { a, b: ab === undefined ? a : b }, rounds, out, seed, duration }
}

/** Prints the comparison of two sets of results. */
function compareResults(basePaths: readonly string[], otherPaths: readonly string[], flags: CompareFlags): number {
  if (basePaths.length + otherPaths.length > MOST_RESULTS)
    throw new InputError(`expected at most ${MOST_RESULTS} results, got ${basePaths.length + otherPaths.length}`)
  const [base, other] = [basePaths.map(readRun), otherPaths.map(readRun)]
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
  else {
    process.stdout.write(`${comparisonLines(comparison).join('\n')}\n`)
    if (flags.aa !== undefined) process.stdout.write(`${noiseLines(comparison).join('\n')}\n`)
  }
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
