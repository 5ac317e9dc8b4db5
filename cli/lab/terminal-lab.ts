import type { Lab } from '../../labs/lab.ts'
import { LabInputError, symbolOf } from '../../labs/lab-input.ts'
import { formatLabValue } from '../../labs/lab-text.ts'
import type { LabProgress } from '../../labs/progress.ts'
import type { LabSession } from '../../labs/session.ts'
import { attemptLines, introduction, questionLines, verdictLines } from './lab-lines.ts'
import type { Questioner } from './questioner.ts'

/** Answers that the learner gave on the command line, instead of being asked. */
interface GivenAnswers {
  predict: Readonly<Record<string, string>>
  answer?: number
}

/** Works through a lab in the terminal: predictions, run, numbers, perhaps another run, question. */
export async function inTerminal(
  session: LabSession,
  given: GivenAnswers,
  questioner: Questioner,
  output: NodeJS.WritableStream & { isTTY?: boolean },
): Promise<void> {
  const { lab } = session
  const say = (lines: readonly string[]) => output.write(`${lines.join('\n')}\n`)
  say(introduction(lab, session.settings))
  const stopTelling = output.isTTY === true ? tellProgress(session, output) : () => {}
  try {
    do {
      const known = session.attempts.length === 0 ? given.predict : {}
      const predictions = { ...known, ...(await predict(lab, known, questioner)) }
      say(['', 'Running …'])
      say(attemptLines(await session.run(predictions), lab))
    } while (await changed(session, questioner, output))
  } finally {
    stopTelling()
  }
  say(questionLines(lab))
  const { chosen, right } = session.answer(given.answer ?? (await questioner.choose(lab.question.options.length)))
  say(verdictLines(lab, chosen, right))
}

/** Shows the progress of runs on one line, which the next one replaces. @returns how to stop that */
function tellProgress(session: LabSession, output: NodeJS.WritableStream): () => void {
  return session.subscribe(() => {
    const text = session.progress === undefined ? '' : progressLine(session.lab, session.progress)
    if (text !== '' || session.stage !== 'run') output.write(`\r\u001B[K${text}`)
  })
}

/** Returns the progress of a run in a line: `load 2 of 4: 5 of 12 s, 50 requests a second`. */
export function progressLine({ loads = 1 }: Lab, progress: LabProgress): string {
  const { load, elapsedMs, plannedMs, requestsPerSecond } = progress
  const which = loads === 1 ? '' : `load ${load} of ${loads}: `
  return `${which}${Math.round(elapsedMs / 1000)} of ${Math.ceil(plannedMs / 1000)} s, ${Math.round(requestsPerSecond)} requests a second`
}

/** Asks for the predictions that are not known. */
async function predict(
  { measures, curves = [] }: Lab,
  known: Readonly<Record<string, string>>,
  questioner: Questioner,
): Promise<Record<string, string>> {
  const predictions: Record<string, string> = {}
  for (const { ask, x, y, points } of curves) {
    const open = points.filter(({ measure }) => known[measure] === undefined)
    if (open.length === 0) continue
    const places = open.map(point => formatLabValue(point.x, x.unit)).join(', ')
    const question = `${ask}\n${y.label} (${symbolOf(y.unit)}) at ${places}`
    const texts = await questioner.numbers(question, y.unit, open.length)
    for (const [index, { measure }] of open.entries()) {
      if (texts?.[index] !== undefined) predictions[measure] = texts[index]
    }
  }
  for (const [name, { ask, unit }] of Object.entries(measures)) {
    if (ask === undefined || known[name] !== undefined) continue
    const [text] = (await questioner.numbers(`${ask} (${symbolOf(unit)})`, unit, 1)) ?? []
    if (text !== undefined) predictions[name] = text
  }
  return predictions
}

/** Asks for other settings. @returns whether there is to be another run */
async function changed(session: LabSession, questioner: Questioner, output: NodeJS.WritableStream): Promise<boolean> {
  const question = `Change something and run again? For example ${exampleOf(session.lab)}. Press Enter to go on`
  for (;;) {
    const text = await questioner.text(question)
    if (text === undefined || text.trim() === '') return false
    const [, name = '', value = ''] = /^\s*([A-Za-z]+)\s*=\s*(.*)$/.exec(text) ?? []
    try {
      session.change({ [name]: value })
      return true
    } catch (error) {
      if (!(error instanceof LabInputError)) throw error
      output.write(`${error.message}\n`)
    }
  }
}

/** Returns a change as it is written in the terminal: twice the first setting, or as much as it may be. */
export function exampleOf({ settings }: Lab): string {
  const [[name, { value, max, unit }] = ['seconds', { value: 5, max: 10, unit: 's' as const }]] =
    Object.entries(settings)
  const twice = Math.min(2 * value, max)
  return `${name}=${unit === 'share' ? `${Number((100 * twice).toPrecision(3))}%` : twice}`
}
