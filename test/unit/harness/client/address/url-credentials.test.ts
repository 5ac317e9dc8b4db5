import { expect, test } from 'vitest'
import { concealerOf, concealUrl } from '../../../../../harness/client/address/url-credentials.ts'

test.each([
  ['http://host/', 'http://host/'],
  ['http://load:secret@host:80/a?b', 'http://***@host/a?b'],
  ['http://secret@host', 'http://***@host/'],
  ['ftp://load:secret@host/', 'ftp://***@host/'],
  ['http://load:secret@host:99999', 'http://***@host:99999'],
  ['http://load:sec/r@et@host', 'http://***@host'],
  ['http://load:s@ec/r@host/a', 'http://***@host/a'],
  ['load:secret@host:8080', '***@host:8080'],
])('concealUrl(%s) is %s', (url, shown) => {
  expect(concealUrl(url)).toBe(shown)
})

test('credentials that a response repeats are concealed in every form', () => {
  const conceal = concealerOf(['http://load:s3cr%40et@host', undefined, 'http://key-1234@other'])
  const base64 = Buffer.from('load:s3cr@et').toString('base64')
  expect(conceal(`401 for Basic ${base64} (load:s3cr@et, s3cr%40et, key-1234)`)).toBe(
    '401 for Basic *** (***, ***, ***)',
  )
  expect(conceal(`cut off: Basic ${base64.slice(0, 9)}`)).toBe('cut off: Basic ***')
  expect(concealerOf(['http://host', undefined])('load:s3cr@et')).toBe('load:s3cr@et')
  // A short password may be part of any word; beside its user name it is concealed.
  expect(concealerOf(['http://a:1@host'])('status 401 for a:1')).toBe('status 401 for ***')
})
