import type { RequestOptions } from '../context.ts'
import { describeException } from '../user/exception.ts'
import { type ExchangeFailure, unexpectedStatus } from './failure.ts'
import type { ReceivedBody } from './received-body.ts'
import { type ResponseHeaders, excerptOf } from './response.ts'

type Expectation = RequestOptions['expect']

/** A response held against the `expect` of its request. */
export interface Judgement {
  /** Absent for an expected response. */
  failure?: ExchangeFailure | undefined
  /** The exception of an `expect` that threw. */
  thrown?: Error
}

export function judge(
  { status, headers, body }: { status: number; headers: ResponseHeaders; body: ReceivedBody },
  expect: Expectation,
): Judgement {
  try {
    return isExpected(status, expect) ? {} : { failure: unexpectedStatus(status, excerptOf(body, headers)) }
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(`expect threw ${String(error)}`)
    return { failure: { reason: 'exception', example: `expect threw ${describeException(error)}` }, thrown }
  }
}

/** Tells whether a scenario lists this status. It then wants a redirect as the response, and the redirect is not followed. */
export function isListed(status: number, expect: Expectation): boolean {
  return expect === status || (Array.isArray(expect) && expect.includes(status))
}

function isExpected(status: number, expect: Expectation): boolean {
  if (expect === undefined) return status < 400
  return typeof expect === 'function' ? expect(status) : isListed(status, expect)
}
