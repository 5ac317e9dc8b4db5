import { describe, expect, test } from 'vitest'
import { CookieJar } from '../../../../../harness/session/cookies/cookie-jar.ts'

const NOW = Date.UTC(2026, 0, 1)
const SHOP = 'https://www.shop.test'

/** Returns the header that a request carries after these responses of https://www.shop.test/cart/items. */
function sent(fields: string[], to = `${SHOP}/cart/items`, from = `${SHOP}/cart/items`): string | undefined {
  return headerOf(received(fields, from), to)
}

function received(fields: string[], from: string): CookieJar {
  const jar = new CookieJar()
  const { origin, pathname } = new URL(from)
  for (const field of fields) jar.receive(field, origin, pathname, NOW)
  return jar
}

function headerOf(jar: CookieJar, to: string, now = NOW): string | undefined {
  const { origin, pathname, search } = new URL(to)
  return jar.headerFor(origin, pathname + search, now)
}

describe('the domain', () => {
  test.each([
    ['a=1', `${SHOP}/cart/`, 'a=1'],
    ['a=1', 'https://shop.test/cart/', undefined],
    ['a=1', 'https://x.www.shop.test/cart/', undefined],
    ['a=1; Domain=shop.test', 'https://api.shop.test/cart/', 'a=1'],
    ['a=1; Domain=.SHOP.test', 'https://shop.test/cart/', 'a=1'],
    ['a=1; Domain=shop.test', 'https://othershop.test/cart/', undefined],
    // Another port is the same place.
    ['a=1', 'https://www.shop.test:8443/cart/', 'a=1'],
  ])('of %s reaches %s with %s', (field, to, header) => {
    expect(sent([field], to)).toBe(header)
  })

  test.each([
    ['a=1; Domain=other.test', 'is for "other.test", and www.shop.test is not within that domain'],
    ['a=1; Domain=x.www.shop.test', 'www.shop.test is not within that domain'],
    ['a=1; Domain=test', '"test" is a public suffix'],
  ])('refuses %s', (field, why) => {
    const jar = received([field], `${SHOP}/`)
    expect(jar.refusals).toEqual([expect.stringContaining(why)])
    expect(headerOf(jar, `${SHOP}/`)).toBeUndefined()
  })

  test.each([
    ['https://www.shop.co.uk/', 'co.uk'],
    ['https://me.github.io/', 'github.io'],
    ['https://www.shop.com/', 'com'],
  ])('of %s may not be the public suffix %s', (from, domain) => {
    expect(received([`a=1; Domain=${domain}`], from).refusals).toEqual([expect.stringContaining('public suffix')])
  })

  test('that is a public suffix and the host itself means the host alone', () => {
    const jar = received(['a=1; Domain=backend'], 'http://backend/')
    expect(headerOf(jar, 'http://backend/')).toBe('a=1')
    expect(headerOf(jar, 'http://x.backend/')).toBeUndefined()
  })

  test('of an address is that address only', () => {
    const jar = received(['a=1; Domain=127.0.0.1', 'b=2', 'c=3; Domain=0.0.1'], 'http://127.0.0.1:8080/')
    expect(headerOf(jar, 'http://127.0.0.1:9090/')).toBe('a=1; b=2')
    expect(headerOf(received(['a=1'], 'http://[::1]:8080/'), 'http://[::1]/')).toBe('a=1')
  })
})

describe('the path', () => {
  test.each([
    ['a=1', '/cart/other', 'a=1'],
    ['a=1', '/cart', 'a=1'],
    ['a=1', '/cartoon', undefined],
    ['a=1; Path=/', '/', 'a=1'],
    ['a=1; Path=/admin', '/admin', 'a=1'],
    ['a=1; Path=/admin', '/admin/users?x=/', 'a=1'],
    ['a=1; Path=/admin/', '/admin', undefined],
    ['a=1; Path=/admin', '/administration', undefined],
    ['a=1; Path=admin', '/cart/x', 'a=1'],
  ])('of %s reaches %s with %s', (field, path, header) => {
    expect(sent([field], SHOP + path)).toBe(header)
  })

  test('puts the longest first, and then the oldest', () => {
    const fields = ['a=1; Path=/', 'b=2; Path=/cart', 'c=3; Path=/', 'd=4; Path=/cart']
    expect(sent(fields)).toBe('b=2; d=4; a=1; c=3')
  })
})

describe('the end', () => {
  test.each([
    ['a=1; Max-Age=60', 59_999, 'a=1'],
    ['a=1; Max-Age=60', 60_000, undefined],
    ['a=1; Max-Age=0', 0, undefined],
    ['a=1; Max-Age=-1', 0, undefined],
    ['a=1; Expires=Thu, 01 Jan 2026 00:01:00 GMT', 59_999, 'a=1'],
    ['a=1; Expires=Thu, 01 Jan 2026 00:01:00 GMT', 60_000, undefined],
    ['a=1; Expires=Thu, 01-Jan-1970 00:00:01 GMT', 0, undefined],
    ['a=1; Expires=Thu, 01 Jan 2026 00:01:00 GMT; Max-Age=3600', 60_000, 'a=1'],
    ['a=1; Expires=yesterday', 1e12, 'a=1'],
    // No cookie lives longer than 400 days.
    ['a=1; Max-Age=99999999999', 400 * 86_400_000, undefined],
  ])('of %s is after %d ms: %s', (field, afterMs, header) => {
    expect(headerOf(received([`${field}; Path=/`], `${SHOP}/`), `${SHOP}/`, NOW + afterMs)).toBe(header)
  })

  test('comes when the server sets it in the past', () => {
    expect(sent(['a=1; Path=/', 'b=2; Path=/', 'a=; Path=/; Max-Age=0'])).toBe('b=2')
  })
})

describe('a replacement', () => {
  test('has the same name, domain and path, and keeps its place', () => {
    expect(sent(['a=1; Path=/', 'b=2; Path=/', 'a=3; Path=/', 'a=4; Path=/cart'])).toBe('a=4; a=3; b=2')
  })

  test('of a Secure cookie needs HTTPS', () => {
    const jar = received(['a=1; Path=/; Secure'], `${SHOP}/`)
    jar.receive('a=2; Path=/', 'http://www.shop.test', '/', NOW)
    expect(headerOf(jar, `${SHOP}/`)).toBe('a=1')
    expect(jar.refusals).toEqual([expect.stringContaining('http must not replace it')])
  })
})

describe('a Secure cookie', () => {
  test.each([
    ['http://www.shop.test/', undefined],
    ['http://localhost:8080/', 'a=1'],
    ['http://127.0.0.1:8080/', 'a=1'],
    ['https://www.shop.test/', 'a=1'],
  ])('from %s is %s', (from, header) => {
    expect(sent(['a=1; Secure; Path=/'], from, from)).toBe(header)
  })

  test('is not sent over http', () => {
    expect(sent(['a=1; Secure; Path=/', 'b=2; Path=/'], 'http://www.shop.test/')).toBe('b=2')
  })
})

describe('a prefix', () => {
  test.each([
    ['__Secure-a=1; Secure; Path=/', '__Secure-a=1'],
    ['__Secure-a=1; Path=/', undefined],
    ['__Host-a=1; Secure; Path=/', '__Host-a=1'],
    ['__host-a=1; Path=/', undefined],
    ['__Host-a=1; Secure; Path=/cart', undefined],
    ['__Host-a=1; Secure; Path=/; Domain=shop.test', undefined],
    ['=__Host-a=1; Secure; Path=/', undefined],
  ])('demands what it promises: %s', (field, header) => {
    expect(sent([field])).toBe(header)
  })
})

describe('the syntax', () => {
  test.each([
    ['a=b=c; Path=/', 'a=b=c'],
    ['a="quoted value"; Path=/', 'a="quoted value"'],
    [' a = 1 ; Path=/', 'a=1'],
    ['a=; Path=/', 'a='],
    ['token; Path=/', 'token'],
    ['a=1; Path=/; Unknown=x; HttpOnly; SameSite=Lax', 'a=1'],
    ['=; Path=/', undefined],
    ['', undefined],
    ['a=1\u0000; Path=/', undefined],
  ])('of %j gives %s', (field, header) => {
    expect(sent([field])).toBe(header)
  })
})

describe('the limits', () => {
  test('refuse a cookie of more than 4096 bytes, and never show its value', () => {
    const jar = received([`a=${'s3cret'.repeat(700)}; Path=/`], `${SHOP}/`)
    expect(jar.refusals).toEqual(['"a": name and value have 4201 bytes, more than 4096'])
  })

  test('keep the newest 180 cookies of a domain', () => {
    const fields = Array.from({ length: 400 }, (_, at) => `c${at}=1; Path=/`)
    const header = sent(fields)?.split('; ')
    expect(header).toHaveLength(180)
    expect(header?.at(0)).toBe('c220=1')
  })

  test('drive out cookies that are not Secure first', () => {
    const fields = Array.from({ length: 200 }, (_, at) => `c${at}=1; Path=/`)
    expect(
      sent(['safe=1; Path=/; Secure', ...fields])
        ?.split('; ')
        .at(0),
    ).toBe('safe=1')
  })

  test('bound the bytes of a user, whatever servers send', () => {
    const jar = new CookieJar()
    for (let host = 0; host < 20; host += 1) {
      for (let at = 0; at < 100; at += 1) jar.receive(`c${at}=${'x'.repeat(4000)}`, `https://h${host}.test`, '/', NOW)
    }
    const bytes = jar.all(NOW).reduce((sum, { name, value }) => sum + name.length + value.length, 0)
    expect(bytes).toBeLessThanOrEqual(128 * 1024)
    expect(bytes).toBeGreaterThan(120 * 1024)
  })

  test('keep the last ten refusals', () => {
    const jar = received(
      Array.from({ length: 25 }, (_, at) => `c${at}=1; Domain=other.test`),
      `${SHOP}/`,
    )
    expect(jar.refusals).toHaveLength(10)
    expect(jar.refusals.at(-1)).toContain('"c24"')
  })
})
