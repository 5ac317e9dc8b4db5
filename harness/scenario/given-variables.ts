import { env } from 'node:process'
import { describe } from '../../core/check.ts'
import { CONCEALED } from '../../core/concealed.ts'
import { didYouMean } from '../../core/nearest.ts'
import type { VariableDeclaration, VariableOptions, VariableValue } from './variables.ts'

/** A variable of a scenario as a run uses it. */
export interface ScenarioVariable {
  name: string
  value: VariableValue
  isSecret: boolean
  /** Where its value comes from. */
  from: 'flag' | 'environment' | 'default'
}

/** Errors in the variables of a scenario, one a line. */
export class VariableError extends RangeError {}

/** Variables of the environment that set variables of scenarios begin with it. */
export const VARIABLE_PREFIX = 'LOADCELL_VAR_'
/** Names fit for an environment variable. */
const NAME = /^[A-Za-z_]\w{0,99}$/

/** Declaration of a variable in full. */
interface Declaration {
  type: 'text' | 'number' | 'boolean'
  default: VariableValue | undefined
  choices: readonly VariableValue[] | undefined
  isSecret: boolean
}

/** The variables of one scenario: what was given for them, and what the scenario declares. */
export class GivenVariables {
  readonly #environment: NodeJS.ProcessEnv
  readonly #declared = new Map<string, Declaration & { used: ScenarioVariable }>()
  #flags: Readonly<Record<string, string>> = {}

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment
  }

  /** Sets the values of the command line. They take precedence over the environment. */
  give(flags: Readonly<Record<string, string>>): void {
    this.#flags = flags
  }

  /** Returns the values of the declared variables. @throws VariableError */
  declare(declared: Readonly<Record<string, VariableDeclaration>>): Readonly<Record<string, VariableValue>> {
    const errors: string[] = []
    const values = Object.entries(declared).map(([name, written]) => {
      const declaration = this.#read(name, written, errors)
      const { from, text } = this.#textFor(name)
      const value = text === undefined ? declaration.default : valueOf(text, placeOf(name, from), declaration, errors)
      if (value === undefined && text === undefined) errors.push(`${name} has no default: give ${howToGive(name)}`)
      const used = { name, value: value ?? '', isSecret: declaration.isSecret, from }
      this.#declared.set(name, { ...declaration, used })
      return [name, used.value] as const
    })
    if (errors.length > 0) throw new VariableError([...errors, ...this.#misspeltFlags()].join('\n'))
    return Object.freeze(Object.fromEntries(values))
  }

  /** Returns a line for each value of the command line that belongs to no variable, once all are declared. */
  unknown(): string[] {
    return this.#unknownFlags().map(([name, guess]) => `--var ${name}: there is no such variable${guess}`)
  }

  /** Returns a line for each variable of the environment that seems to be misspelt. */
  misspelt(): string[] {
    const names = [...this.#declared.keys()]
    return Object.keys(this.#environment)
      .filter(key => key.startsWith(VARIABLE_PREFIX) && !this.#declared.has(key.slice(VARIABLE_PREFIX.length)))
      .map(key => [key, didYouMean(key.slice(VARIABLE_PREFIX.length), names, name => VARIABLE_PREFIX + name)] as const)
      .filter(([, guess]) => guess !== '')
      .map(([key, guess]) => `${key} is no variable of this scenario${guess}`)
  }

  /** Returns the variables in the order of their declaration. */
  list(): ScenarioVariable[] {
    return [...this.#declared.values()].map(({ used }) => used)
  }

  /** Describes each variable: its name, type and default. */
  described(): string[] {
    return [...this.#declared].map(([name, { type, default: value, choices, isSecret }]) => {
      const what = choices === undefined ? type : choices.map(String).join(' or ')
      const secret = isSecret ? ', secret' : ''
      const without = value === undefined ? ', required' : isSecret ? '' : `, default ${JSON.stringify(value)}`
      return `${name} (${what}${secret}${without})`
    })
  }

  /** Returns a line for each value of the command line that seems to be misspelt. Others may be declared later. */
  #misspeltFlags(): string[] {
    return this.#unknownFlags()
      .filter(([, guess]) => guess !== '')
      .map(([name, guess]) => `--var ${name}: there is no such variable${guess}`)
  }

  #unknownFlags(): (readonly [name: string, guess: string])[] {
    const names = [...this.#declared.keys()]
    return Object.keys(this.#flags)
      .filter(name => !this.#declared.has(name))
      .map(name => [name, didYouMean(name, names, JSON.stringify)] as const)
  }

  #read(name: string, written: VariableDeclaration, errors: string[]): Declaration {
    if (!NAME.test(name)) errors.push(`${JSON.stringify(name)}: expected a name of letters, digits and _`)
    if (this.#declared.has(name)) errors.push(`${name} is declared a second time`)
    return declarationOf(name, written, errors)
  }

  #textFor(name: string): { from: ScenarioVariable['from']; text: string | undefined } {
    if (Object.hasOwn(this.#flags, name)) return { from: 'flag', text: this.#flags[name] }
    const text = this.#environment[VARIABLE_PREFIX + name]
    return text === undefined ? { from: 'default', text } : { from: 'environment', text }
  }
}

/** The variables of the scenario that this process runs. */
export const givenVariables = new GivenVariables(env)

/** Returns the value for people: secrets are concealed. */
export function shownValue({ value, isSecret }: ScenarioVariable): VariableValue {
  return isSecret ? CONCEALED : value
}

/** Returns the field with the values of these variables for a result; nothing without variables. */
export function recordedVariables(variables: readonly ScenarioVariable[]): {
  variables?: Record<string, VariableValue>
} {
  if (variables.length === 0) return {}
  return { variables: Object.fromEntries(variables.map(variable => [variable.name, shownValue(variable)])) }
}

/** Returns the secrets among these variables, as text. */
export function secretsIn(variables: readonly ScenarioVariable[]): string[] {
  return variables.filter(({ isSecret }) => isSecret).map(({ value }) => String(value))
}

function howToGive(name: string): string {
  return `--var ${name}=…, or set ${VARIABLE_PREFIX}${name}`
}

function placeOf(name: string, from: ScenarioVariable['from']): string {
  return from === 'environment' ? VARIABLE_PREFIX + name : `--var ${name}`
}

function declarationOf(name: string, written: VariableDeclaration, errors: string[]): Declaration {
  const typeOf = (value: VariableValue) => typeNames[typeof value as keyof typeof typeNames]
  if (isValue(written)) return { type: typeOf(written), default: written, choices: undefined, isSecret: false }
  if (Array.isArray(written) && written.length > 0 && written.every(isValue)) {
    const [first] = written
    if (written.every(value => typeof value === typeof first))
      return { type: typeOf(first as VariableValue), default: first, choices: written, isSecret: false }
  }
  const unusable: Declaration = { type: 'text', default: '', choices: undefined, isSecret: true }
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    errors.push(`${name}: expected a default, a list of values of one type, or options, got ${describe(written)}`)
    return unusable
  }
  const { type, default: value, secret = false, ...others } = written as VariableOptions
  const [other] = Object.keys(others)
  if (other !== undefined)
    errors.push(`${name}.${other}: there is no such option${didYouMean(other, ['type', 'default', 'secret'])}`)
  const types = Object.values(typeNames)
  if (type !== undefined && !types.includes(type))
    errors.push(`${name}.type: expected ${types.join(' or ')}, got ${describe(type)}`)
  if (value !== undefined && (!isValue(value) || (type !== undefined && typeOf(value) !== type)))
    errors.push(`${name}.default: expected ${type ?? types.join(' or ')}, got ${describe(value)}`)
  if (typeof secret !== 'boolean') errors.push(`${name}.secret: expected true or false, got ${describe(secret)}`)
  return {
    type: type ?? (isValue(value) ? typeOf(value) : 'text'),
    default: value,
    choices: undefined,
    isSecret: secret,
  }
}

const typeNames = { string: 'text', number: 'number', boolean: 'boolean' } as const

function isValue(value: unknown): value is VariableValue {
  return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' || typeof value === 'boolean'
}

/** Returns the value that the text stands for; undefined if it does not fit. */
function valueOf(
  text: string,
  place: string,
  { type, choices, isSecret }: Declaration,
  errors: string[],
): VariableValue | undefined {
  const refuse = (expected: string) => {
    errors.push(`${place}: expected ${expected}${isSecret ? '' : `, got ${JSON.stringify(text.slice(0, 200))}`}`)
  }
  if (choices !== undefined) {
    const chosen = choices.find(choice => String(choice) === text)
    if (chosen === undefined) refuse(choices.join(' or '))
    return chosen
  }
  if (type === 'text') return text
  if (type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true'
    return refuse('true or false') as undefined
  }
  const value = Number(text)
  if (/\d/.test(text) && Number.isFinite(value)) return value
  return refuse('a number') as undefined
}
