import type { Lab, LabMeasure, LabSetting, LabUnit, LabValues } from './lab.ts'
import { formatLabValue, readLabValue } from './lab-text.ts'

/** An input of the learner that a lab cannot use. The message says what was expected, and what came. */
export class LabInputError extends Error {
  /** Names what there is instead. */
  readonly nextStep: string | undefined
  constructor(message: string, nextStep?: string) {
    super(message)
    this.nextStep = nextStep
  }
}

/** Returns the settings with changes, which are texts of the learner. @throws LabInputError */
export function readSettings(
  lab: Lab,
  texts: Readonly<Record<string, string>>,
  before: LabValues = defaultSettings(lab),
): LabValues {
  const changes = Object.entries(texts).map(([name, text]) => {
    const setting = known<LabSetting>('setting', lab.settings, name)
    const value = readLabValue(text, setting.unit)
    const { min, max, unit } = setting
    const isWhole = unit !== 'count' || Number.isInteger(value)
    if (value !== undefined && value >= min && value <= max && isWhole) return [name, value]
    const number = unit === 'count' ? 'a whole number' : 'a number'
    const [least, most] = [formatLabValue(min, unit), formatLabValue(max, unit)]
    throw new LabInputError(`${name}: expected ${number} from ${least} to ${most}, got ${JSON.stringify(text)}`)
  })
  return { ...before, ...Object.fromEntries(changes) }
}

/** Returns the settings of the first run. */
export function defaultSettings({ settings }: Lab): LabValues {
  return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]))
}

/** Returns predictions from texts of the learner, in the units of their measures. @throws LabInputError */
export function readPredictions({ measures }: Lab, texts: Readonly<Record<string, string>>): LabValues {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const { unit } = known<LabMeasure>('prediction', measures, name)
      const value = readLabValue(text, unit)
      if (value !== undefined) return [name, value]
      throw new LabInputError(`${name}: expected a number, in ${symbolOf(unit)}, got ${JSON.stringify(text)}`)
    }),
  )
}

/** Returns the unit in which a learner writes a number. */
export function symbolOf(unit: LabUnit): string {
  return unit === 'share' ? '%' : unit
}

function known<T>(what: string, table: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(table, name)) return table[name] as T
  throw new LabInputError(
    `there is no ${what} ${JSON.stringify(name)}`,
    `This lab has: ${Object.keys(table).join(', ')}.`,
  )
}
