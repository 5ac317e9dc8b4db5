import { existsSync } from 'node:fs'
import { didYouMean } from '../../core/nearest.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { labs } from '../../labs/course.ts'
import type { Lab } from '../../labs/lab.ts'
import { LabInputError, readPredictions } from '../../labs/lab-input.ts'
import { LabSession } from '../../labs/session.ts'
import { InputError } from '../input-error.ts'
import type { Interrupts } from '../interrupts.ts'
import { absolute } from '../scenario-file.ts'
import { labRunner } from './lab-runner.ts'
import { learnerName } from './learner.ts'
import { questionerOf } from './questioner.ts'
import { inTerminal } from './terminal-lab.ts'
import { expectPlace, writeWorksheet } from './worksheet-file.ts'

export interface LabFlags {
  predict: Record<string, string>
  set: Record<string, string>
  answer?: number
  learner?: string
  seed: number
  file?: string
}

/** Runs a lab in the terminal, and writes the worksheet. @throws InputError */
export async function runLab(name: string, flags: LabFlags, version: string, interrupts: Interrupts): Promise<void> {
  const lab = labNamed(name)
  const stop = new AbortController()
  const { seed, learner = learnerName() } = flags
  const session = asInput(
    () =>
      new LabSession(lab, { run: labRunner(seed, version, stop.signal), seed, version, learner, settings: flags.set }),
  )
  asInput(() => readPredictions(lab, flags.predict), '--predict ')
  expectAnswer(lab, flags.answer)
  const file = worksheetPath(flags.file)
  interrupts.takeOver(() => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    stop.abort(new InputError('interrupted; nothing was written', undefined, exitCodes.interrupted))
  })
  const questioner = questionerOf(process.stdin, process.stdout, stop.signal)
  try {
    await inTerminal(session, flags, questioner, process.stdout)
    process.stdout.write(`Your worksheet: ${writeWorksheet(session.worksheet(), file)}\n`)
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason
    throw error
  } finally {
    questioner.close()
  }
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

function expectAnswer({ question: { options } }: Lab, answer: number | undefined): void {
  if (answer === undefined || answer <= options.length) return
  throw new InputError(`--answer: expected a number from 1 to ${options.length}, got ${answer}`)
}
