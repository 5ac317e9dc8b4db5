import { describe, expect, it } from 'vitest'
import { failureOf, unexpectedStatus } from '../../../../../harness/client/engine/failure.ts'

const error = (code: string, message = `connect ${code}`) => Object.assign(new Error(message), { code })
const several = (...codes: string[]) =>
  Object.assign(new AggregateError(codes.map(code => error(code))), { code: codes[0] })

describe('failureOf', () => {
  it.each(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'EADDRINUSE', 'ENOBUFS', 'ENOMEM', 'EAGAIN', 'EAI_MEMORY'])(
    'blames this machine for %s',
    code => expect(failureOf(error(code))).toEqual({ reason: 'exhausted', example: `connect ${code}` }),
  )

  it.each(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN'])('says of %s that there is no route', code => {
    expect(failureOf(error(code)).reason).toBe('unreachable')
  })

  it.each<[string[], string, string]>([
    [['ECONNREFUSED', 'ECONNREFUSED'], 'refused', 'connect ECONNREFUSED'],
    [['ECONNREFUSED', 'EMFILE'], 'exhausted', 'connect EMFILE'],
    // A machine without IPv6 has no address for ::1: it is the other address that tells.
    [['ECONNREFUSED', 'EADDRNOTAVAIL'], 'refused', 'connect ECONNREFUSED'],
    [['EADDRNOTAVAIL', 'ECONNREFUSED'], 'refused', 'connect ECONNREFUSED'],
    [['EADDRNOTAVAIL', 'EADDRNOTAVAIL'], 'exhausted', 'connect EADDRNOTAVAIL'],
  ])('combines the errors of several addresses into one: %j', (codes, reason, example) => {
    expect(failureOf(several(...codes))).toEqual({ reason, example })
  })

  it('reports a name that does not resolve as such while this process can open files', () => {
    expect(failureOf(error('ENOTFOUND', 'getaddrinfo ENOTFOUND nowhere')).reason).toBe('dns')
  })

  it('takes an error of the system that a resolver met for a failed look-up', () => {
    const busy = Object.assign(error('EBUSY', 'getaddrinfo EBUSY nowhere'), { syscall: 'getaddrinfo' })
    expect(failureOf(busy).reason).toBe('dns')
  })
})

describe('unexpectedStatus', () => {
  it('shows that it cut a long body', () => {
    const [short, long] = ['x'.repeat(200), 'x'.repeat(201)].map(body => unexpectedStatus(500, body).example)
    expect([short?.slice(-2), long?.slice(-2)]).toEqual(['xx', 'x…'])
  })
})
