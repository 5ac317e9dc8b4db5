import type { RequestOptions } from '../context.ts'
import { type ExchangeFailure, unexpectedStatus } from './failure.ts'
import type { ReceivedBody } from './received-body.ts'
import type { Hop } from './redirects.ts'
import { shown } from './request-head.ts'
import { type ResponseHeaders, excerptOf } from './response.ts'

type Expectation = RequestOptions['expect']

export interface Judgement {
  failure?: ExchangeFailure | undefined
  /** What the scenario's own function threw instead of a judgement. */
  thrown?: { error: unknown } | undefined
}

const AS_EXPECTED: Judgement = {}

/** @throws TypeError for what no status can be held against. */
export function checkExpectation(expect: unknown): void {
  if (expect === undefined || typeof expect === 'function' || isStatus(expect)) return
  if (Array.isArray(expect) && expect.every(isStatus)) return
  throw new TypeError(`expected \`expect\` to be a status, a list of them or a function, got ${shown(expect)}`)
}

/**
 * Tells why an exchange failed, if it did: on its way, as a redirect that leads nowhere, or by its status.
 * @param hop what its response sends it on to, or why it cannot be followed.
 */
export function judge(
  exchange: { status: number; headers: ResponseHeaders; body: ReceivedBody; failure: ExchangeFailure | undefined },
  hop: Hop | ExchangeFailure | undefined,
  expect: Expectation,
): Judgement {
  const { status, headers, body, failure } = exchange
  if (failure !== undefined) return { failure }
  if (hop !== undefined) return 'reason' in hop ? { failure: hop } : AS_EXPECTED
  try {
    if (isExpected(status, expect)) return AS_EXPECTED
  } catch (error) {
    return { thrown: { error } }
  }
  return { failure: unexpectedStatus(status, excerptOf(body, headers)) }
}

/** Whether a scenario lists this status itself: of a redirect it wants the response, and not what it leads to. */
export function isListed(status: number, expect: Expectation): boolean {
  return expect === status || (Array.isArray(expect) && expect.includes(status))
}

function isExpected(status: number, expect: Expectation): boolean {
  if (expect === undefined) return status < 400
  if (typeof expect !== 'function') return isListed(status, expect)
  const judgement: unknown = expect(status)
  // A promise is true, whatever becomes of it.
  if (!(judgement instanceof Promise)) return Boolean(judgement)
  judgement.catch(() => {})
  throw new TypeError('expected the function `expect` to return true or false, got a promise')
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value)
}
