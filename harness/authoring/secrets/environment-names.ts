import type { EnvironmentConstant } from '../code/scenario-code.ts'
import { Expression } from '../code/expression.ts'
import { camelCase, constantCase, wordsOf } from '../../../core/words.ts'
import type { Names } from '../code/names.ts'

/** Names of files that say nothing about the service. */
const GENERIC =
  /^(openapi|swagger|api|spec|schema|har|recording|record|network|log|trace|index|main|document|localhost)$/

/** The environment variables that a scenario needs. Every secret becomes one, and so no file contains it. */
export class EnvironmentNames {
  readonly #prefix: string
  readonly #names: Names
  readonly #byKey = new Map<string, EnvironmentConstant>()

  /** @param source name of the document or recording, which becomes the prefix of the variables */
  constructor(source: string, names: Names) {
    const words = wordsOf(source).filter(word => !GENERIC.test(word))
    this.#prefix = constantCase(words.slice(0, 3).join(' ')) || 'API'
    this.#names = names
  }

  /** Returns the constant for the secret of this name. @param value tells apart secrets of one name */
  of(name: string, meaning: string, value: string = ''): Expression {
    const key = `${constantCase(name)} ${value}`
    const known = this.#byKey.get(key)
    if (known !== undefined) return new Expression(known.constant)
    const constant = this.#names.claim(camelCase(name, 'secret'))
    const variable = `${/^\d/.test(this.#prefix) ? 'API_' : ''}${this.#prefix}_${constantCase(constant)}`
    this.#byKey.set(key, { constant, variable, meaning })
    return new Expression(constant)
  }

  /** Returns all constants that were asked for. */
  constants(): EnvironmentConstant[] {
    return [...this.#byKey.values()]
  }
}
