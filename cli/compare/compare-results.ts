import { writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import type { EngineName } from '../../harness/client/engine/engine-names.ts'
import { type ComparedRun, comparedRun } from '../../harness/comparison/compared-run.ts'
import { compareRuns, FEWEST_RUNS, type RunComparison } from '../../harness/comparison/comparison.ts'
import { type ComparedCurves, curvesOf, overlaid, type RunCurves } from '../../harness/comparison/curves.ts'
import { differencesBetween } from '../../harness/comparison/conditions.ts'
import { readResultFile, UnusableResult } from '../../harness/comparison/result-file.ts'
import { comparisonLines, comparisonMarkdown, differenceLine, noiseLines } from '../../harness/report/comparison.ts'
import { renderComparison } from '../../harness/report/comparison-page/page.ts'
import type { NetworkFlags } from '../../harness/plan/read-network.ts'
import { plain } from '../../harness/report/terminal.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError } from '../process/input-error.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { networkArguments, networkFlags } from '../options/network-options.ts'
import { PageFile } from '../output/page-file.ts'
import { shortest, timestamp } from '../output/report-folder.ts'
import { type InterleavedRounds, runRounds } from './rounds.ts'

/** Flags of `loadcell compare`. */
export interface CompareFlags extends NetworkFlags {
  with?: string[]
  ab?: string
  aa?: string
  a?: string
  b?: string
  rounds: number
  duration?: string
  engine?: EngineName
  out?: string
  tolerance: number
  seed: number
  html?: string
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
  const page = flags.html === undefined ? undefined : PageFile.claim(flags.html)
  if (plan === undefined) return tell(compareResults(paths, flags.with ?? [], flags), flags, page)
  const { a, b } = await runRounds(plan, interrupts)
  const told = compareResults(a, b, flags)
  writeBeside(plan.out, told)
  process.stderr.write(`the runs, comparison.html and comparison.json are in ${plan.out}\n`)
  return tell(told, flags, page)
}

/** Returns the rounds to run; undefined for results that there are. @throws InputError when the options do not fit together. */
function roundsOf(paths: readonly string[], flags: CompareFlags): InterleavedRounds | undefined {
  const { ab, aa, a, b, rounds, duration, engine, seed } = flags
  const scenario = ab ?? aa
  if (scenario === undefined) {
    const alone = (['a', 'b', 'duration', 'engine', 'out', ...networkFlags] as const).find(
      flag => flags[flag] !== undefined,
    )
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
  return {
    scenario,
    targets: { a, b: ab === undefined ? a : b },
    rounds,
    out,
    seed,
    duration,
    flags: [...networkArguments(flags), ...(engine === undefined ? [] : ['--engine', engine])],
  }
}

/** A comparison, and the curves that its page shows. */
interface ComparedResults {
  comparison: RunComparison
  curves: ComparedCurves
}

function compareResults(
  basePaths: readonly string[],
  otherPaths: readonly string[],
  flags: CompareFlags,
): ComparedResults {
  if (basePaths.length + otherPaths.length > MOST_RESULTS)
    throw new InputError(`expected at most ${MOST_RESULTS} results, got ${basePaths.length + otherPaths.length}`)
  const [base, other] = [basePaths.map(readRun), otherPaths.map(readRun)]
  const [baseRuns, otherRuns] = [base, other].map(side => side.map(({ run }) => run)) as [ComparedRun[], ComparedRun[]]
  const runs = [...baseRuns, ...otherRuns]
  rejectRepeated(runs)
  // What a run of these rounds lacks is no mistake of the command line.
  const isOwn = flags.ab !== undefined || flags.aa !== undefined
  if (!flags.force) rejectUnlike(runs, isOwn ? exitCodes.invalidRun : exitCodes.badInput)
  if (runs.length < FEWEST_RUNS) {
    throw new InputError(
      `one base run and one new run cannot tell a difference from noise: expected at least ${FEWEST_RUNS} runs in all`,
      'Repeat both sides, in turn: three runs of each show large differences, five are better.',
    )
  }
  const curvesIn = (side: readonly ReadRun[]) => side.map(({ curves }) => curves)
  return { comparison: compareRuns(baseRuns, otherRuns, flags), curves: overlaid(curvesIn(base), curvesIn(other)) }
}

/** Writes the page and the numbers into the folder of the rounds, which is new. */
function writeBeside(folder: string, { comparison, curves }: ComparedResults): void {
  try {
    writeFileSync(join(folder, 'comparison.html'), renderComparison(comparison, curves), { flag: 'wx' })
    writeFileSync(join(folder, 'comparison.json'), `${JSON.stringify(comparison, null, 2)}\n`, { flag: 'wx' })
  } catch (error) {
    process.stderr.write(`loadcell: the comparison could not be written to ${folder}: ${(error as Error).message}\n`)
  }
}

/** Prints the comparison, and writes its page if there is to be one. @returns the exit code. */
function tell({ comparison, curves }: ComparedResults, flags: CompareFlags, page: PageFile | undefined): number {
  const isForPeople = !flags.json && !flags.markdown
  if (flags.json) process.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`)
  if (flags.markdown) process.stdout.write(comparisonMarkdown(comparison))
  if (isForPeople) process.stdout.write(`${comparisonLines(comparison).join('\n')}\n`)
  if (isForPeople && flags.aa !== undefined) process.stdout.write(`${noiseLines(comparison).join('\n')}\n`)
  page?.write(renderComparison(comparison, curves))
  if (page !== undefined && isForPeople) process.stdout.write(`The page: ${shortest(page.path)}\n\n`)
  // A side that measured nothing must not pass.
  if (comparison.rows.length === 0) return exitCodes.badInput
  return comparison.rows.some(({ state }) => state === 'worse') ? exitCodes.thresholdsFailed : exitCodes.ok
}

interface ReadRun {
  run: ComparedRun
  curves: RunCurves
}

function readRun(path: string): ReadRun {
  try {
    return readResultFile(path, (file, result) => ({ run: comparedRun(file, result), curves: curvesOf(result) }))
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
function rejectUnlike(runs: readonly ComparedRun[], exitCode: number): void {
  const reasons = [
    ...differencesBetween(runs).map(differenceLine),
    ...runs.flatMap(({ path, defects }) => defects.map(defect => `${path}: ${defect}`)),
  ]
  if (reasons.length === 0) return
  throw new InputError(
    `these runs cannot be compared:\n${reasons.map(reason => `  ${plain(reason)}`).join('\n')}`,
    'Repeat runs under the same conditions, or compare them all the same with --force.',
    exitCode,
  )
}
