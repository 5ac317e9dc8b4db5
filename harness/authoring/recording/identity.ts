import type { Expression } from '../code/expression.ts'
import type { PlainStep } from '../code/steps.ts'
import type { WrittenCall } from '../code/scenario-code.ts'
import { isSecretName } from '../../../core/secret-names.ts'
import type { Redaction } from '../secrets/redaction.ts'
import type { Correlation } from './correlation.ts'
import type { RecordedRequest } from './entry.ts'
import { cookiesIn } from '../../session/cookies/cookie-header.ts'

/** Cookies of analytics, which no service needs. */
const ANALYTICS =
  /^(_ga|_gid|_gat|_gcl|_fb|_hj|_pk_|amplitude|ajs_|mp_|intercom|optimizely|__utm|_clck|_clsk|_uet|ar_debug|NID|OptanonConsent|cookie_?consent)/i

/** Finds out how the requests of a recording showed who sent them, and how the scenario does so without the recorded secrets. */
export class RecordedIdentity {
  /** Gives the user a token that no response returned. */
  call: WrittenCall | undefined
  usesBasic = false
  /** Whether a request sends cookies that a response set. */
  usesJar = false
  readonly #requests: readonly RecordedRequest[]
  readonly #correlation: Correlation
  readonly #redaction: Redaction
  #token: string | undefined

  constructor(requests: readonly RecordedRequest[], options: { correlation: Correlation; redaction: Redaction }) {
    this.#requests = requests
    this.#correlation = options.correlation
    this.#redaction = options.redaction
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

  /** Returns the header for cookies that no response set. Those of responses are kept in the jar of the user. */
  #cookie(at: number, header: string | undefined): Expression | undefined {
    const sent = cookiesIn(header ?? '').filter(([name]) => !ANALYTICS.test(name))
    if (sent.some(([name, value]) => this.#isSetBefore(at, name, value))) {
      this.usesJar = true
      return undefined
    }
    if (!sent.some(([name]) => isSession(name))) return undefined
    return this.#redaction.constant(
      'cookie',
      'The cookies of a session, as the header Cookie has them: name=value; name=value.',
    )
  }

  /** Tells whether a response before the request set this cookie. */
  #isSetBefore(at: number, name: string, value: string): boolean {
    const { startMs } = this.#requests[at]!
    return this.#requests
      .slice(0, at)
      .filter(({ endMs }) => endMs <= startMs)
      .flatMap(({ responseHeaders }) => responseHeaders.filter(([header]) => header === 'set-cookie'))
      .flatMap(([, text]) => text.split('\n'))
      .some(line => cookiesIn(line.split(';')[0]!).some(([key, text]) => key === name && text === value))
  }
}

/** Tells whether a cookie with this name belongs to a session. */
function isSession(name: string): boolean {
  return isSecretName(name) || /sess|sid$|login|remember|identity/i.test(name)
}

function headerOf({ headers }: RecordedRequest, wanted: string): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1]
}
