import { expect, test } from 'vitest'
import { basic } from '../../../../harness/scenario/basic.ts'

test.each([
  // The examples of RFC 7617.
  ['Aladdin', 'open sesame', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
  ['test', '123£', 'Basic dGVzdDoxMjPCow=='],
  ['', '', 'Basic Og=='],
  ['key', 'with:colons:', `Basic ${Buffer.from('key:with:colons:').toString('base64')}`],
])('encodes %j and %j', (user, password, value) => {
  expect(basic(user, password)).toBe(value)
})

test.each([
  [['us:er', 'x'], 'a user name without a colon, which ends it, got one at 2'],
  [['user', 'x\n'], 'a password without control characters'],
  [['us\u0000er', 'x'], 'a user name without control characters'],
  [[undefined, 'x'], 'the user name as text, got a undefined'],
])('refuses %j, and shows nothing of it', (credentials, why) => {
  expect(() => basic(...(credentials as [string, string]))).toThrow(why)
})
