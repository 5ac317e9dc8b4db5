import type { RequestOptions } from '../context.ts'
import { type ExchangeFailure, unexpectedStatus } from './failure.ts'
import type { ReceivedBody } from './received-body.ts'
import { type ResponseHeaders, excerptOf } from './response.ts'

type Expectation = RequestOptions['expect']

/** Why a response is not the one that was expected; undefined when it is. */
export function judge(
  { status, headers, body }: { status: number; headers: ResponseHeaders; body: ReceivedBody },
  expect: Expectation,
): ExchangeFailure | undefined {
  return isExpected(status, expect) ? undefined : unexpectedStatus(status, excerptOf(body, headers))
}

/** Whether a scenario lists this status itself: of a redirect it wants the response, and not what it leads to. */
export function isListed(status: number, expect: Expectation): boolean {
  return expect === status || (Array.isArray(expect) && expect.includes(status))
}

function isExpected(status: number, expect: Expectation): boolean {
  if (expect === undefined) return status < 400
  return typeof expect === 'function' ? expect(status) : isListed(status, expect)
}
