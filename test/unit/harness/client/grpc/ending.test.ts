import { Metadata, status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { endingOf, failureOfCall } from '../../../../../harness/client/grpc/ending.ts'

function failureAfter(code: status, details: string, expected: readonly ('OK' | 'NOT_FOUND')[] = ['OK']) {
  const here = { cancelled: false, late: true, answered: true }
  const ending = endingOf({ code, details, metadata: new Metadata() }, () => undefined, here)
  return failureOfCall(ending, expected, false)?.reason
}

describe('the failure of a call', () => {
  it.each([
    [status.OK, '', undefined],
    [status.INVALID_ARGUMENT, 'what is wrong', 'grpc_status'],
    [status.DEADLINE_EXCEEDED, 'the deadline of the call has passed', 'grpc_status'],
    [status.DEADLINE_EXCEEDED, 'Deadline exceeded after 0.3s', 'timeout'],
    [status.UNAVAILABLE, 'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1', 'refused'],
    [status.UNAVAILABLE, 'No connection established. Last error: unable to verify: DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    [status.UNAVAILABLE, 'Connection dropped', 'closed'],
    [status.INTERNAL, 'Received RST_STREAM with code 2 (Internal server error)', 'reset'],
    [status.INTERNAL, 'Received RST_STREAM with code 0 (Call ended without gRPC status)', 'closed'],
  ] as const)('of status %i with %j is %s', (code, details, reason) => {
    expect(failureAfter(code, details)).toBe(reason)
  })

  it('is none where the status was expected', () => {
    expect(failureAfter(status.NOT_FOUND, 'nothing', ['OK', 'NOT_FOUND'])).toBeUndefined()
    expect(failureAfter(status.OK, '', ['NOT_FOUND'])).toBe('grpc_status')
  })

  it('is one of the server where a status came with metadata, whatever its words', () => {
    const metadata = new Metadata()
    metadata.set('content-type', 'application/grpc')
    const ended = { code: status.UNAVAILABLE, details: 'Connection dropped', metadata }
    const here = { cancelled: false, late: false, answered: false }
    expect(endingOf(ended, () => undefined, here).isFromServer).toBe(true)
  })
})
