import { describe, expect, it } from 'vitest'
import { isLoopbackAddress, isLoopbackHost } from '../../../../target/control/access.ts'

describe('this machine', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('is %s', address => {
    expect(isLoopbackAddress(address)).toBe(true)
  })

  it.each(['10.0.0.1', '::ffff:10.0.0.1', '0.0.0.0', '::', '2001:db8::1', '127.0.0.1.evil.example', ''])(
    'is not %j',
    address => {
      expect(isLoopbackAddress(address)).toBe(false)
    },
  )

  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:80', '[::1]:8080', '[::1]', undefined])('is called %j', host => {
    expect(isLoopbackHost(host)).toBe(true)
  })

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '10.0.0.1', '', '[::2]:1'])(
    'is not called %j',
    host => {
      expect(isLoopbackHost(host)).toBe(false)
    },
  )
})
