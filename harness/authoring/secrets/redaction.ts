import { Expression } from '../code/expression.ts'
import type { EnvironmentNames } from './environment-names.ts'
import type { KnownSecrets } from './known-secrets.ts'
import { isLoginForm, isLoginName, isSecretField, isSecretName, isSecretObject } from '../../../core/secret-names.ts'
import { hasEmail, isCredential, looksSecret } from './secret-text.ts'

/** Values deeper than this are left out. */
const DEEPEST = 32
/** Texts longer than this are replaced by a text of the same length, unless they consist of words. */
const LONGEST_TEXT = 400
const LONGEST_PROSE = 4000

/** Takes the secrets out of values that are to be written into a scenario. */
export class Redaction {
  readonly #environment: EnvironmentNames
  readonly #secrets: KnownSecrets
  readonly #trustsIds: boolean
  /** Number of e-mail addresses that were replaced. */
  emails = 0

  /** @param trustsIds whether ids that look like keys are examples, which a published document may show */
  constructor(environment: EnvironmentNames, secrets: KnownSecrets, trustsIds = false) {
    this.#environment = environment
    this.#secrets = secrets
    this.#trustsIds = trustsIds
  }

  /** Returns the value with a constant in place of each secret. @param name field, parameter or header of the value */
  value(name: string, value: unknown, place: string): unknown {
    return this.#value(name, value, place, { depth: 0, isSecret: false })
  }

  /** Returns the constant for a secret, which stands in place of its value. */
  secret(name: string, place: string, value?: string): Expression {
    return this.#environment.of(
      name,
      `The value of ${/^[\w.\- $[\]]{1,60}$/.test(name) ? name : 'a field'} in ${place}.`,
      value,
    )
  }

  /** Returns a constant for a secret that no value of the document stands for. */
  constant(name: string, meaning: string): Expression {
    return this.#environment.of(name, meaning)
  }

  /** Returns the constant for a bearer token that no value stands for. */
  accessToken(): Expression {
    return this.constant('access token', 'A token for the header Authorization, without the word Bearer.')
  }

  /** Tells whether a text may not be written. */
  isSecret(name: string, text: string): boolean {
    const looks = this.#trustsIds && /id$/i.test(name) ? isCredential : looksSecret
    return isSecretField(name, text) || looks(text) || this.#secrets.isIn(text)
  }

  #value(name: string, value: unknown, place: string, at: { depth: number; isSecret: boolean }): unknown {
    if (value instanceof Expression) return value
    if (typeof value === 'string') return this.#text(name, value, place, at.isSecret)
    if (typeof value === 'number') {
      // A number of tokens is a count.
      const isSecret = at.isSecret || (this.isSecret(name, String(value)) && !/tokens?$/i.test(name))
      return isSecret ? new Expression(`Number(${this.secret(name, place, String(value)).source})`) : value
    }
    if (typeof value !== 'object' || value === null) return value
    if (at.depth >= DEEPEST) return undefined
    const inner = { depth: at.depth + 1, isSecret: at.isSecret || isSecretObject(name) }
    if (Array.isArray(value)) return value.map(item => this.#value(name, item, place, inner))
    return this.#fields(value, place, inner)
  }

  #fields(value: object, place: string, at: { depth: number; isSecret: boolean }): object {
    const fields = Object.entries(value)
    const isLogin = isLoginForm(fields.map(([key]) => key))
    // `{ name: 'password', value: … }` says in a value what the other one is.
    const named = fields.find(
      ([key, item]) => /^(name|key|field|id)$/i.test(key) && typeof item === 'string' && isSecretName(item),
    )
    return Object.fromEntries(
      fields
        // A key may be a secret too, as in a map of tokens.
        .filter(([key]) => !looksSecret(key) && !hasEmail(key) && !this.#secrets.isIn(key))
        .map(([key, item]) => {
          const isNamed = named !== undefined && named[0] !== key
          const isSecret = at.isSecret || isNamed || (isLogin && isLoginName(key))
          return [key, this.#value(isNamed ? String(named[1]) : key, item, place, { ...at, isSecret })]
        }),
    )
  }

  #text(name: string, text: string, place: string, isSecret: boolean): unknown {
    if (text === '') return text
    if (isSecret || this.isSecret(name, text)) return this.secret(name, place, text)
    if (hasEmail(text)) return this.#withoutEmails(text)
    const isProse = text.split(/\s+/).every(word => word.length <= 80)
    if (text.length <= LONGEST_TEXT || (isProse && text.length <= LONGEST_PROSE)) return text
    return new Expression(`'x'.repeat(${text.length})`)
  }

  #withoutEmails(text: string): string {
    return text.replaceAll(/[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+/g, address => {
      if (/(@|%40)(\w+\.)*example\.(com|org|net)$/.test(address)) return address
      this.emails += 1
      return 'someone@example.com'
    })
  }
}
