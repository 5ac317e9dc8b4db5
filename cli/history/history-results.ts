import { comparedRun, type ComparedRun } from '../../harness/comparison/compared-run.ts'
import { historyOf, type OmittedResult } from '../../harness/comparison/history.ts'
import { isFolder, readResultFile, UnusableResult } from '../../harness/comparison/result-file.ts'
import { resultsIn } from '../../harness/comparison/result-folder.ts'
import { historyLines } from '../../harness/report/history.ts'
import { renderHistory } from '../../harness/report/history-page/page.ts'
import { plain } from '../../harness/report/terminal.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError } from '../process/input-error.ts'
import { PageFile } from '../output/page-file.ts'
import { shortest } from '../output/report-folder.ts'

/** Flags of `loadcell history`. */
export interface HistoryFlags {
  last: number
  html?: string
  json?: true
  force?: true
  seed: number
}

/** Most results of one history. Each is read in turn, and little of it is kept. */
const MOST_RESULTS = 5000
const MOST_REASONS = 10

/** Shows the trends over results. @returns the exit code. @throws InputError */
export function history(paths: readonly string[], flags: HistoryFlags): number {
  const page = flags.html === undefined ? undefined : PageFile.claim(flags.html)
  const { runs, leftOut } = readRuns(paths, flags)
  const trends = historyOf(runs, leftOut, flags)
  const text = flags.json ? JSON.stringify(trends, null, 2) : historyLines(trends).join('\n')
  process.stdout.write(`${text}\n`)
  if (page === undefined) return exitCodes.ok
  page.write(renderHistory(trends))
  if (!flags.json) process.stdout.write(`The page: ${shortest(page.path)}\n\n`)
  return exitCodes.ok
}

/** Reads the results that can be used, each run once. @throws InputError when there is none. */
function readRuns(
  paths: readonly string[],
  { force }: HistoryFlags,
): { runs: ComparedRun[]; leftOut: OmittedResult[] } {
  const runs = new Map<string, ComparedRun>()
  const leftOut: OmittedResult[] = []
  for (const path of pathsOf(paths, leftOut)) {
    const run = readRun(path, leftOut)
    if (run === undefined) continue
    const known = runs.get(run.id)
    const [defect] = force ? [] : run.defects
    if (defect !== undefined) leftOut.push({ path: run.path, reason: `${run.path}: ${defect}` })
    else if (known !== undefined)
      leftOut.push({ path: run.path, reason: `${run.path} is the same run as ${known.path}` })
    else runs.set(run.id, run)
  }
  if (runs.size > 0) return { runs: [...runs.values()], leftOut }
  const reasons = leftOut.slice(0, MOST_REASONS).map(({ reason }) => `  ${plain(reason)}`)
  const more = leftOut.length > MOST_REASONS ? [`  and ${leftOut.length - MOST_REASONS} more`] : []
  throw new InputError(
    `none of these results can be used:\n${[...reasons, ...more].join('\n')}`,
    'Give a folder with results of runs. --force includes runs that are incomplete or invalid.',
  )
}

/** Returns the files of results, each once. @throws InputError when a folder has none. */
function pathsOf(asked: readonly string[], leftOut: OmittedResult[]): Set<string> {
  const paths = new Set<string>()
  for (const path of asked) {
    for (const file of resultsOf(path, leftOut)) paths.add(file)
    if (paths.size > MOST_RESULTS)
      throw new InputError(`expected at most ${MOST_RESULTS} results, found more`, 'Give folders with fewer.')
  }
  return paths
}

function resultsOf(path: string, leftOut: OmittedResult[]): string[] {
  try {
    if (!isFolder(path)) return [path]
    const { paths, unreadable } = resultsIn(path)
    leftOut.push(...unreadable)
    return paths
  } catch (error) {
    if (!(error instanceof UnusableResult)) throw error
    throw new InputError(plain(error.message))
  }
}

/** Reads a run, or notes why it cannot be used. */
function readRun(path: string, leftOut: OmittedResult[]): ComparedRun | undefined {
  try {
    return readResultFile(path, comparedRun)
  } catch (error) {
    if (!(error instanceof UnusableResult)) throw error
    leftOut.push({ path, reason: error.message })
    return undefined
  }
}
