import { expect, it } from 'vitest'
import { timeoutMsIn } from '../../../../../target/gateways/grpc/deadline.ts'

it.each([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3000],
  ['100m', 100],
  ['5000u', 5],
  ['0n', 0],
])('reads a timeout of %s', (text, expected) => {
  expect(timeoutMsIn(text)).toBeCloseTo(expected)
})

it.each(['', '1', 'm', '-1S', '123456789S', '1s', '1.5S'])('refuses a timeout of %j', text => {
  expect(() => timeoutMsIn(text)).toThrow('grpc-timeout: expected a number with a unit')
})

it('knows that there may be none', () => {
  expect(timeoutMsIn(undefined)).toBeUndefined()
})
