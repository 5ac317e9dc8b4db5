import { describe, expect, it } from 'vitest'
import { Exceptions, isLoopback } from '../../../../../harness/client/proxies/exceptions.ts'

describe('the exceptions', () => {
  it.each([
    ['example.com', 'example.com', true],
    ['example.com', 'api.example.com', true],
    ['example.com', 'notexample.com', false],
    ['example.com', 'EXAMPLE.com.', true],
    ['.example.com', 'example.com', true],
    ['*.example.com', 'api.example.com', true],
    ['other.com, example.com', 'example.com', true],
    ['other.com example.com', 'example.com', true],
    ['example.com:8443', 'example.com', false],
    ['example.com:443', 'example.com', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.30', false],
    ['10.1.2.3:443', '10.1.2.3', true],
    ['10.0.0.0/8', '10.200.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['fd00::/8', 'fd12::1', true],
    ['[::1]', '::1', true],
    ['[::1]:443', '::1', true],
    ['[::1]:80', '::1', false],
    ['*', 'anything', true],
    ['2.3', '10.1.2.3', false],
    ['', 'example.com', false],
    [' , ,', 'example.com', false],
    ['10.0.0.0/99', '10.0.0.1', false],
  ])('"%s" hold for %s: %s', (list, host, expected) => {
    expect(new Exceptions(list).has(host, 443)).toBe(expected)
  })
})

describe('isLoopback', () => {
  it.each(['localhost', 'api.localhost', '127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('holds for %s', host => {
    expect(isLoopback(host)).toBe(true)
  })

  it.each(['128.0.0.1', 'localhost.example.com', '::2', '10.0.0.1'])('does not hold for %s', host => {
    expect(isLoopback(host)).toBe(false)
  })
})
