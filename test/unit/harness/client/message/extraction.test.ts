import { describe, expect, it } from 'vitest'
import { cookieOf, headerOf, matchIn, valueAt } from '../../../../../harness/client/message/extraction.ts'
import { UnreadableBody } from '../../../../../harness/client/message/unreadable-body.ts'

const source = {
  status: 200,
  url: 'http://shop.test/orders?key=secret',
  headers: {
    etag: '"7"',
    vary: ['accept', 'cookie'],
    'set-cookie': ['session=old; Path=/', 'theme=dark', 'session=a=b; HttpOnly'],
  },
}

/** Returns the message of what a function throws, which must be a failure of the target. */
function messageOf(extract: () => unknown): string {
  try {
    extract()
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableBody)
    return (error as Error).message
  }
  throw new Error('expected an error, got none')
}

describe('a value in JSON', () => {
  const json = { items: [{ id: 7, secret: 'geheim' }], total: '12' }

  it('is found by its pointer', () => {
    expect(valueAt(source, json, '/items/0/id')).toBe(7)
  })

  it.each([
    [
      '/items/1/id',
      'expected a value at /items/1/id in the response of status 200 from /orders, got an array of 1 at /items',
    ],
    ['/items/0/price', 'got an object with the keys "id", "secret" at /items/0'],
    ['/total/amount', 'got a string at /total'],
    ['/order', 'got an object with the keys "items", "total" at its top'],
  ])('that is missing is a failure which says what is there, but no value: %s', (pointer, message) => {
    const got = messageOf(() => valueAt(source, json, pointer))
    expect(got).toContain(message)
    expect(got).not.toMatch(/geheim|key=secret/)
  })
})

describe('a match in text', () => {
  it('has the whole text, the captures and the named groups; a group without a part is empty', () => {
    expect(matchIn(source, 'order 17 is new', /order (?<id>\d+)( late)?/)).toEqual({
      text: 'order 17',
      captures: ['17', ''],
      groups: { id: '17' },
    })
  })

  it('is the first, even of an expression that was used before', () => {
    const pattern = /\d/g
    expect([matchIn(source, '12', pattern).text, matchIn(source, '12', pattern).text]).toEqual(['1', '1'])
  })

  it('that is missing is a failure with an excerpt', () => {
    expect(messageOf(() => matchIn(source, '<h1>Sorry</h1>', /order (\d+)/))).toBe(
      'expected text like /order (\\d+)/ in the response of status 200 from /orders, got "<h1>Sorry</h1>"',
    )
  })

  it('needs an expression', () => {
    expect(() => matchIn(source, '', 'order' as unknown as RegExp)).toThrow('expected a regular expression such as')
  })
})

describe('headers and cookies', () => {
  it('are found in any spelling, joined, and the last cookie of a name counts', () => {
    expect([headerOf(source, 'ETag'), headerOf(source, 'vary')]).toEqual(['"7"', 'accept, cookie'])
    expect([cookieOf(source, 'session'), cookieOf(source, 'theme')]).toEqual(['a=b', 'dark'])
  })

  it('that are missing are failures that list names, not values', () => {
    expect(messageOf(() => headerOf(source, 'location'))).toMatch(
      /expected the header "location" .* got the headers "etag", "vary"/,
    )
    const message = messageOf(() => cookieOf(source, 'csrf'))
    expect(message).toMatch(/expected the cookie "csrf" .* got the cookies "session", "theme", "session"$/)
  })
})
