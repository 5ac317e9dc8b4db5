import { exitCodes } from '../../harness/results/exit-codes.ts'
import type { Lab } from '../../labs/lab.ts'
import { readPredictions } from '../../labs/lab-input.ts'
import { LabSession } from '../../labs/session.ts'
import { InputError } from '../process/input-error.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { asInput, type LabFlags, labNamed, worksheetPath } from './lab-flags.ts'
import { labRunner } from './lab-runner.ts'
import { questionerOf } from './questioner.ts'
import { inTerminal } from './terminal-lab.ts'
import { learnerName, writeWorksheet } from './worksheet-file.ts'

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

function expectAnswer({ question: { options } }: Lab, answer: number | undefined): void {
  if (answer === undefined || answer <= options.length) return
  throw new InputError(`--answer: expected a number from 1 to ${options.length}, got ${answer}`)
}
