import { Expression } from '../code/expression.ts'
import type { WrittenCall } from '../code/scenario-code.ts'
import { type JsonFields, fieldsOf, listOf, textOf } from '../json-tree.ts'
import type { Redaction } from '../secrets/redaction.ts'
import type { ListedOperation } from './operation-list.ts'
import type { References } from './references.ts'

/** A way to show who sends a request, and how a scenario does it. */
type Scheme =
  | { kind: 'bearer' }
  | { kind: 'client'; scopes: readonly string[] }
  | { kind: 'basic' }
  | { kind: 'key'; place: string; parameter: string }
  | { kind: 'unsupported' }

/** Path of the token endpoint that `auth.clientCredentials` asks. */
const TOKEN_PATH = '/oauth/token'

/** Decides how the requests of a file are authorized. Secrets become environment variables. */
export class Security {
  readonly #schemes: ReadonlyMap<string, JsonFields>
  readonly #redaction: Redaction
  readonly #scopes = new Set<string>()
  #identity: 'bearer' | 'client' | undefined
  usesBasic = false

  constructor(document: JsonFields, references: References, redaction: Redaction) {
    const schemes = Object.entries(fieldsOf(fieldsOf(document['components'])['securitySchemes']))
    this.#schemes = new Map(schemes.map(([name, scheme]) => [name, references.resolve(scheme).object]))
    this.#redaction = redaction
  }

  /** Returns the options that an operation needs, such as a header with a key. Remembers the identity that the user needs. */
  optionsOf(operation: ListedOperation): { query: JsonFields; headers: JsonFields } {
    const schemes = this.#alternativeOf(operation) ?? []
    const options = { query: {} as JsonFields, headers: {} as JsonFields }
    for (const scheme of schemes) {
      if (scheme.kind === 'bearer') this.#identity ??= 'bearer'
      if (scheme.kind === 'client') {
        this.#identity ??= 'client'
        for (const scope of scheme.scopes) this.#scopes.add(scope)
      }
      if (scheme.kind === 'basic') this.usesBasic = true
      if (scheme.kind !== 'key') continue
      const key = this.#redaction.constant(
        scheme.parameter,
        `The key that requests carry as ${scheme.parameter} (${scheme.place}).`,
      )
      if (scheme.place === 'query') options.query = { ...options.query, [scheme.parameter]: key }
      else if (scheme.place === 'header') options.headers = { ...options.headers, [scheme.parameter]: key }
      else options.headers = { ...options.headers, Cookie: new Expression(`\`${scheme.parameter}=\${${key.source}}\``) }
    }
    return options
  }

  /** Returns the call with which a user gets its identity, if an operation needs one. */
  identityCall(): WrittenCall | undefined {
    if (this.#identity === undefined) return undefined
    if (this.#identity === 'bearer') {
      return { callee: 'auth.bearer', args: [this.#redaction.accessToken()] }
    }
    const id = this.#redaction.constant('oauth client id', `The client that gets its token from ${TOKEN_PATH}.`)
    const secret = this.#redaction.constant('oauth client secret', 'The secret of that client.')
    const scopes = this.#scopes.size > 0 ? [[...this.#scopes].join(' ')] : []
    return { callee: 'auth.clientCredentials', args: [id, secret, ...scopes] }
  }

  /** Returns the schemes of the first alternative that a scenario can use; undefined if none are needed. */
  #alternativeOf({ security }: ListedOperation): Scheme[] | undefined {
    const alternatives = listOf(security).map(alternative => Object.entries(fieldsOf(alternative)))
    if (alternatives.length === 0 || alternatives.some(({ length }) => length === 0)) return undefined
    const all = alternatives.map(schemes => schemes.map(([name, scopes]) => schemeOf(this.#schemes.get(name), scopes)))
    return all.find(schemes => schemes.every(({ kind }) => kind !== 'unsupported'))
  }
}

function schemeOf(fields: JsonFields | undefined, scopes: unknown): Scheme {
  const parameter = textOf(fields?.['name'])
  const scheme = textOf(fields?.['scheme'])?.toLowerCase()
  switch (fields?.['type']) {
    case 'http':
      return scheme === 'bearer' || scheme === 'basic' ? { kind: scheme } : { kind: 'unsupported' }
    case 'oauth2': {
      const tokenUrl = textOf(fieldsOf(fieldsOf(fields['flows'])['clientCredentials'])['tokenUrl'])
      if (tokenUrl !== TOKEN_PATH) return { kind: 'bearer' }
      return { kind: 'client', scopes: listOf(scopes).filter(each => typeof each === 'string') }
    }
    case 'openIdConnect':
      return { kind: 'bearer' }
    case 'apiKey':
      return parameter !== undefined && /^[\w.-]+$/.test(parameter)
        ? { kind: 'key', place: textOf(fields['in']) ?? 'header', parameter }
        : { kind: 'unsupported' }
    default:
      return { kind: 'unsupported' }
  }
}
