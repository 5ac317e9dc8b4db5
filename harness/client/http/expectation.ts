import type { RequestOptions } from '../../scenario/http.ts'
import { type ExchangeFailure, unexpectedStatus } from '../engine/failure.ts'
import type { ReceivedBody } from '../message/received-body.ts'
import type { Hop } from '../message/redirects.ts'
import { shown } from '../message/request-head.ts'
import type { ResponseHeaders } from '../engine/engine.ts'
import { excerptOf } from '../message/response.ts'

/**
 * Judges the content of a complete response before its status: returns a failure, or `as expected` whatever the status is, or
 * undefined if the status decides.
 */
export type ContentJudge = (
  status: number,
  headers: ResponseHeaders,
  body: ReceivedBody,
) => ExchangeFailure | 'as expected' | undefined

/** Options of a request whose content decides, too. */
export interface JudgedOptions extends RequestOptions {
  judgeContent?: ContentJudge
}

type ExpectOption = RequestOptions['expect']

/** Result of comparing a response with the `expect` of its request. */
export interface Judgement {
  failure?: ExchangeFailure | undefined
  /** Exception of the scenario's own function. */
  thrown?: { error: unknown } | undefined
}

const AS_EXPECTED: Judgement = {}

/** @throws TypeError for an invalid expectation. */
export function checkExpectation(expect: unknown): void {
  if (expect === undefined || typeof expect === 'function' || isStatus(expect)) return
  if (Array.isArray(expect) && expect.every(isStatus)) return
  throw new TypeError(`expected \`expect\` to be a status, a list of them or a function, got ${shown(expect)}`)
}

/**
 * Returns why an exchange failed, if it did: on its way, as a redirect that cannot be followed, or by its status.
 * @param hop the redirect of its response, or why it cannot be followed.
 */
export function judge(
  exchange: { status: number; headers: ResponseHeaders; body: ReceivedBody; failure: ExchangeFailure | undefined },
  hop: Hop | ExchangeFailure | undefined,
  { expect, judgeContent }: Pick<JudgedOptions, 'expect' | 'judgeContent'>,
): Judgement {
  const { status, failure } = exchange
  if (failure !== undefined) return { failure }
  if (hop !== undefined) return 'reason' in hop ? { failure: hop } : AS_EXPECTED
  if (judgeContent !== undefined) {
    const judged = judgeContent(status, exchange.headers, exchange.body)
    if (judged !== undefined) return judged === 'as expected' ? AS_EXPECTED : { failure: judged }
  }
  try {
    if (isExpected(status, expect)) {
      const flaw = status < 300 ? exchange.body.flaw : undefined
      return flaw === undefined ? AS_EXPECTED : { failure: flaw }
    }
  } catch (error) {
    return { thrown: { error } }
  }
  return { failure: unexpectedStatus(status, excerptOf(exchange.body, exchange.headers)) }
}

/** Tells whether a scenario lists this status. A redirect with such a status is not followed. */
export function isListed(status: number, expect: ExpectOption): boolean {
  return expect === status || (Array.isArray(expect) && expect.includes(status))
}

function isExpected(status: number, expect: ExpectOption): boolean {
  if (expect === undefined) return status < 400
  if (typeof expect !== 'function') return isListed(status, expect)
  const judgement: unknown = expect(status)
  // A promise is truthy, whatever it resolves to.
  if (!(judgement instanceof Promise)) return Boolean(judgement)
  judgement.catch(() => {})
  throw new TypeError('expected the function `expect` to return true or false, got a promise')
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value)
}
