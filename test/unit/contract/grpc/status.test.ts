import { expect, it } from 'vitest'
import { grpcStatuses, grpcStatusFor, grpcStatusOf } from '../../../../contract/grpc/status.ts'

it('names every status by its number', () => {
  for (const [name, code] of Object.entries(grpcStatuses)) expect(grpcStatusOf(code)).toBe(name)
  expect(grpcStatusOf(99)).toBe('UNKNOWN')
})

it.each([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [418, 'FAILED_PRECONDITION'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
  [599, 'INTERNAL'],
] as const)('a fault of %i is %s', (http, expected) => {
  expect(grpcStatusFor(http)).toBe(expected)
})
