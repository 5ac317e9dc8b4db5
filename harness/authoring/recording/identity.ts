import { Expression } from '../code/expression.ts'
import { camelCase, type Names, wordsOf } from '../code/names.ts'
import type { PlainStep } from '../code/steps.ts'
import type { WrittenCall } from '../code/scenario-code.ts'
import { isSecretName } from '../secrets/secret-names.ts'
import type { Redaction } from '../secrets/redaction.ts'
import type { Correlation } from './correlation.ts'
import type { RecordedRequest } from './entry.ts'
import { cookiesIn } from './secrets.ts'

/** Cookies of analytics, which no service needs. */
const ANALYTICS =
  /^(_ga|_gid|_gat|_gcl|_fb|_hj|_pk_|amplitude|ajs_|mp_|intercom|optimizely|__utm|_clck|_clsk|_uet|ar_debug|NID|OptanonConsent|cookie_?consent)/i

/** Finds out how the requests of a recording showed who sent them, and how the scenario does so without the recorded secrets. */
export class RecordedIdentity {
  /** Gives the user a token that no response returned. */
  call: WrittenCall | undefined
  usesBasic = false
  readonly #requests: readonly RecordedRequest[]
  readonly #correlation: Correlation
  readonly #redaction: Redaction
  readonly #names: Names
  #token: string | undefined
  /** Constants for the cookies that each response sets. */
  readonly setters = new Map<number, string>()

  constructor(
    requests: readonly RecordedRequest[],
    options: { correlation: Correlation; redaction: Redaction; names: Names },
  ) {
    this.#requests = requests
    this.#correlation = options.correlation
    this.#redaction = options.redaction
    this.#names = options.names
  }

  /** Returns the steps that must come before a request, such as the use of a new token. */
  stepsBefore(at: number): PlainStep[] {
    const header = headerOf(this.#requests[at]!, 'authorization')
    const [, scheme, credentials] = /^(\w+)\s+(.+)$/.exec(header ?? '') ?? []
    if (scheme?.toLowerCase() === 'basic') this.usesBasic = true
    if (scheme?.toLowerCase() !== 'bearer' || credentials === undefined || credentials === this.#token) return []
    this.#token = credentials
    const token = this.#correlation.find(credentials, { request: at, name: 'authorization', kind: 'token' })
    if (token !== undefined) return [{ step: 'bearer', token }]
    const constant = this.#redaction.accessToken()
    if (at > 0 && this.call !== undefined) return [{ step: 'bearer', token: constant }]
    this.call = { callee: 'auth.bearer', args: [constant] }
    return []
  }

  /** Returns headers whose values a response returned or that name a session. */
  headers(at: number): Record<string, Expression> {
    const headers: Record<string, Expression> = {}
    const request = this.#requests[at]!
    for (const [name, value] of request.headers) {
      if (!/^x-[a-z-]+$/.test(name) || !isSecretName(name)) continue
      const found = this.#correlation.find(value, { request: at, name, kind: 'token' })
      headers[name] = found ?? this.#redaction.secret(name, 'the headers of the recording', value)
    }
    const cookie = this.#cookie(at, headerOf(request, 'cookie'))
    return cookie === undefined ? headers : { ...headers, cookie }
  }

  #cookie(at: number, header: string | undefined): Expression | undefined {
    const sent = cookiesIn(header ?? '').filter(([name]) => !ANALYTICS.test(name))
    const setters = [...new Set(sent.map(([name, value]) => this.#setterOf(at, name, value)))].filter(
      each => each !== undefined,
    )
    if (setters.length > 0) {
      const constants = setters.map(setter => this.#constantFor(setter))
      return new Expression(constants.length === 1 ? constants[0]! : `[${constants.join(', ')}].join('; ')`)
    }
    if (!sent.some(([name]) => isSession(name))) return undefined
    return this.#redaction.constant(
      'cookie',
      'The cookies of a session, as the header Cookie has them: name=value; name=value.',
    )
  }

  /** Returns the last response before the request that set this cookie. */
  #setterOf(at: number, name: string, value: string): number | undefined {
    for (let before = at - 1; before >= 0; before--) {
      const { responseHeaders, endMs } = this.#requests[before]!
      if (endMs > this.#requests[at]!.startMs) continue
      const lines = responseHeaders
        .filter(([header]) => header === 'set-cookie')
        .flatMap(([, text]) => text.split('\n'))
      const isSet = lines.some(line =>
        cookiesIn(line.split(';')[0]!).some(([key, text]) => key === name && text === value),
      )
      if (isSet) return before
    }
    return undefined
  }

  #constantFor(setter: number): string {
    const known = this.setters.get(setter)
    if (known !== undefined) return known
    // A part of a path may be a secret, and so would be its last word.
    const parts = this.#requests[setter]!.url.pathname.split('/').filter(part => !this.#redaction.isSecret('', part))
    const word = wordsOf(parts.join(' ')).findLast(each => /^[a-z]+$/.test(each)) ?? 'session'
    const constant = this.#names.claim(camelCase(`${word} cookies`))
    this.setters.set(setter, constant)
    return constant
  }
}

/** Tells whether a cookie with this name belongs to a session. */
function isSession(name: string): boolean {
  return isSecretName(name) || /sess|sid$|login|remember|identity/i.test(name)
}

function headerOf({ headers }: RecordedRequest, wanted: string): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1]
}
