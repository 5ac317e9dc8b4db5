import { existsSync } from 'node:fs'
import { didYouMean } from '../../core/nearest.ts'
import { labs } from '../../labs/course.ts'
import type { Lab } from '../../labs/lab.ts'
import { LabInputError } from '../../labs/lab-input.ts'
import { InputError } from '../process/input-error.ts'
import { absolute } from '../process/working-directory.ts'
import { expectPlace } from './worksheet-file.ts'

export interface LabFlags {
  predict: Record<string, string>
  set: Record<string, string>
  answer?: number
  learner?: string
  seed: number
  file?: string
  /** A page, or the terminal; default: see `wantsPage`. */
  ui?: boolean
  port?: number
}

/** Where a command runs. */
interface TerminalFacts {
  /** Both its input and its output are a terminal. */
  isTerminal: boolean
  isPipeline: boolean
}

/**
 * Whether a lab is a page: if `--ui` says so, or if a person sits at the terminal who has given no answers on the command line.
 * @throws InputError for flags that do not go together
 */
export function wantsPage(
  name: string | undefined,
  { ui, predict, answer, port, file, set }: LabFlags,
  { isTerminal, isPipeline }: TerminalFacts,
): boolean {
  const hasAnswers = Object.keys(predict).length > 0 || answer !== undefined
  if (ui === true && hasAnswers)
    throw new InputError(
      '--predict and --answer are for the terminal',
      'On the page, write them there, or leave out --ui.',
    )
  if (name === undefined && (hasAnswers || file !== undefined || Object.keys(set).length > 0))
    throw new InputError('--predict, --set, --answer and --file are for one lab', 'Name the lab: loadcell lab little.')
  const isPage = ui ?? (name !== undefined && isTerminal && !isPipeline && !hasAnswers)
  if (port !== undefined && !isPage) throw new InputError('--port is for the page', 'Add --ui, or leave it out.')
  return isPage
}

/** Returns the lab with a name, or with its number in the course. @throws InputError */
export function labNamed(name: string): Lab {
  const found = labs.find(lab => lab.name === name) ?? labs[Number(name) - 1]
  if (found !== undefined) return found
  const names = labs.map(lab => lab.name)
  throw new InputError(
    `there is no lab ${JSON.stringify(name)}${didYouMean(name, names)}`,
    `There are: ${names.join(', ')}.`,
  )
}

/** Returns the path of --file, at which nothing may stand. @throws InputError if no worksheet can be written there */
export function worksheetPath(flag: string | undefined): string | undefined {
  const file = flag === undefined ? undefined : absolute(flag)
  if (file !== undefined && existsSync(file)) {
    throw new InputError(`--file: ${file} exists already`, 'Name a new file: a worksheet never replaces another.')
  }
  expectPlace(file)
  return file
}

/** Returns what `read` returns, and makes what a lab cannot use an error of the command. */
export function asInput<T>(read: () => T, before = ''): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof LabInputError)) throw error
    throw new InputError(before + error.message, error.nextStep)
  }
}
