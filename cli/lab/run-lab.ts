import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { systemClock } from '../../core/clock.ts'
import { nearest } from '../../core/nearest.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { labs } from '../../labs/course.ts'
import { type Attempt, gradeAttempt } from '../../labs/grade.ts'
import type { Lab, LabMeasure, LabSetting, LabValues } from '../../labs/lab.ts'
import { formatLabValue, readLabValue } from '../../labs/lab-text.ts'
import type { Worksheet } from '../../labs/worksheet.ts'
import { withEmbeddedTarget } from '../embedded-target.ts'
import { InputError } from '../input-error.ts'
import type { Interrupts } from '../interrupts.ts'
import { absolute } from '../scenario-file.ts'
import { attemptLines, introduction, questionLines, verdictLines } from './lab-lines.ts'
import { type Questioner, questionerOf } from './questioner.ts'
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
  const settings = settingsOf(lab, flags.set)
  const given = predictionsOf(lab, flags.predict)
  const { options } = lab.question
  if (flags.answer !== undefined && flags.answer > options.length) {
    throw new InputError(`--answer: expected a number from 1 to ${options.length}, got ${flags.answer}`)
  }
  const file = flags.file === undefined ? undefined : absolute(flags.file)
  if (file !== undefined && existsSync(file)) {
    throw new InputError(`--file: ${file} exists already`, 'Name a new file: a worksheet never replaces another.')
  }
  expectPlace(file)
  const stop = new AbortController()
  interrupts.takeOver(() => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    stop.abort(new InputError('interrupted; nothing was written', undefined, exitCodes.interrupted))
  })
  const questioner = questionerOf(process.stdin, process.stdout, stop.signal)
  try {
    const worksheet = await session(lab, { settings, given, flags, version, questioner, stop: stop.signal })
    process.stdout.write(`Your worksheet: ${writeWorksheet(worksheet, file)}\n`)
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason
    throw error
  } finally {
    questioner.close()
  }
}

interface LabSession {
  settings: LabValues
  given: LabValues
  flags: LabFlags
  version: string
  questioner: Questioner
  stop: AbortSignal
}

async function session(
  lab: Lab,
  { settings, given, flags, version, questioner, stop }: LabSession,
): Promise<Worksheet> {
  const { seed, learner = userName() } = flags
  const say = (lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`)
  say(introduction(lab, settings))
  const attempts: Attempt[] = []
  const last = await withEmbeddedTarget(
    { seed: String(seed) },
    async targetUrl => {
      let current: LabValues | undefined = settings
      let measured: LabValues = {}
      let used = settings
      while (current !== undefined) {
        used = current
        const predictions = {
          ...(attempts.length === 0 && given),
          ...(await predict(lab, attempts, given, questioner)),
        }
        say(['', 'Running …'])
        measured = await lab.run({ targetUrl, clock: systemClock, seed, version, stop }, used)
        const attempt = gradeAttempt(lab, used, predictions, measured)
        attempts.push(attempt)
        say(attemptLines(attempt))
        current = await changed(lab, used, questioner)
      }
      return { measured, settings: used }
    },
    stop,
  )
  say(questionLines(lab))
  const chosen = flags.answer ?? (await questioner.choose(lab.question.options.length))
  const right = lab.question.answer(last.measured, last.settings)
  say(verdictLines(lab, chosen, right))
  return {
    format: 'loadcell.lab/1',
    lab: lab.name,
    learner,
    version,
    seed,
    attempts,
    ...(chosen !== undefined && {
      question: { answer: lab.question.options[chosen - 1]!, isRight: chosen - 1 === right },
    }),
  }
}

/** Returns the user of this machine. In a container, it may have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

/** Asks for the predictions that were not given. */
async function predict(
  { measures }: Lab,
  attempts: readonly Attempt[],
  given: LabValues,
  questioner: Questioner,
): Promise<Record<string, number>> {
  const predictions: Record<string, number> = {}
  for (const [name, { ask, unit }] of Object.entries(measures)) {
    if (ask === undefined || (attempts.length === 0 && given[name] !== undefined)) continue
    const value = await questioner.number(`${ask} (${unit === 'share' ? '%' : unit})`, unit)
    if (value !== undefined) predictions[name] = value
  }
  return predictions
}

/** Returns the settings of another run; undefined if the learner does not want one. */
async function changed(lab: Lab, settings: LabValues, questioner: Questioner): Promise<LabValues | undefined> {
  for (;;) {
    const text = await questioner.text(
      `Change something and run again? For example ${exampleOf(lab)}. Press Enter to go on`,
    )
    if (text === undefined || text.trim() === '') return undefined
    const [, name = '', value = ''] = /^\s*([A-Za-z]+)\s*=\s*(.*)$/.exec(text) ?? []
    try {
      return settingsOf(lab, { [name]: value }, settings)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      process.stdout.write(`${error.message}\n`)
    }
  }
}

function exampleOf({ settings }: Lab): string {
  const [[name, { value, unit }] = ['seconds', { value: 5, unit: 's' as const }]] = Object.entries(settings)
  return `${name}=${unit === 'share' ? `${Number((200 * value).toPrecision(3))}%` : 2 * value}`
}

function labNamed(name: string): Lab {
  const found = labs.find(lab => lab.name === name) ?? labs[Number(name) - 1]
  if (found !== undefined) return found
  const names = labs.map(lab => lab.name)
  const meant = nearest(name, names)
  throw new InputError(
    `there is no lab ${JSON.stringify(name)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    `There are: ${names.join(', ')}.`,
  )
}

function settingsOf(lab: Lab, texts: Record<string, string>, before: LabValues = defaultsOf(lab)): LabValues {
  const changes = Object.entries(texts).map(([name, text]) => {
    const setting = known<LabSetting>('setting', lab.settings, name)
    const value = readLabValue(text, setting.unit)
    const { min, max, unit } = setting
    const isWhole = unit !== 'count' || Number.isInteger(value)
    if (value !== undefined && value >= min && value <= max && isWhole) return [name, value]
    const number = unit === 'count' ? 'a whole number' : 'a number'
    throw new InputError(
      `${name}: expected ${number} from ${formatLabValue(min, unit)} to ${formatLabValue(max, unit)}, got ${JSON.stringify(text)}`,
    )
  })
  return { ...before, ...Object.fromEntries(changes) }
}

function defaultsOf({ settings }: Lab): LabValues {
  return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]))
}

function predictionsOf({ measures }: Lab, texts: Record<string, string>): LabValues {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const { unit } = known<LabMeasure>('prediction', measures, name)
      const value = readLabValue(text, unit)
      if (value === undefined) {
        throw new InputError(
          `--predict ${name}: expected a number, in ${unit === 'share' ? '%' : unit}, got ${JSON.stringify(text)}`,
        )
      }
      return [name, value]
    }),
  )
}

function known<T>(what: string, table: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(table, name)) return table[name] as T
  throw new InputError(`there is no ${what} ${JSON.stringify(name)}`, `This lab has: ${Object.keys(table).join(', ')}.`)
}
