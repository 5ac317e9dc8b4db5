import { describe, expect, it } from 'vitest'
import { grpcStatuses } from '../../../../../contract/grpc/status.ts'
import { problems } from '../../../../../contract/problem.ts'
import { ProblemError } from '../../../../../target/exchange/problem.ts'
import { readLibrary } from '../../../../../target/gateways/grpc/library.ts'
import { trailersAfter, trailersOf } from '../../../../../target/gateways/grpc/trailers.ts'

const library = readLibrary()

describe('the trailers of a call', () => {
  it('have a status other than OK and UNKNOWN for every problem of the target', () => {
    const codes = Object.keys(problems) as (keyof typeof problems)[]
    const statuses = codes.map(code => Number(trailersOf(library, new ProblemError(code, 'why'))['grpc-status']))
    expect(statuses.filter(status => status <= grpcStatuses.UNKNOWN)).toEqual([])
  })

  it('percent-encode what no header can carry, and bound it', () => {
    const trailers = trailersOf(library, new ProblemError('invalid_request', `100 % ü\n${'x'.repeat(5000)}`))
    expect(trailers['grpc-message']).toMatch(/^100 %25 %C3%BC%0Ax+$/)
    expect(trailers['grpc-message']!.length).toBeLessThan(1100)
    expect(trailers['grpc-status-details-bin']).toMatch(/^[A-Za-z0-9+/]+$/)
  })

  it('leave out details that are too long for clients', () => {
    const errors = Array.from({ length: 20 }, (_, n) => ({ pointer: `/${'p'.repeat(300)}/${n}`, detail: 'd' }))
    const trailers = trailersOf(library, new ProblemError('invalid_event', 'why', { errors }))
    expect(trailers).not.toHaveProperty('grpc-status-details-bin')
    expect(trailers['grpc-status']).toBe(String(grpcStatuses.INVALID_ARGUMENT))
  })

  it('say how a stream ended', () => {
    expect(trailersAfter('client')).toEqual({ 'grpc-status': '0' })
    expect(trailersAfter('slow_consumer')).toMatchObject({ 'grpc-status': String(grpcStatuses.RESOURCE_EXHAUSTED) })
    expect(trailersAfter('token_expired')).toMatchObject({ 'grpc-status': String(grpcStatuses.UNAUTHENTICATED) })
  })
})
