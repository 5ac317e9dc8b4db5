import { expect, test } from 'vitest'
import { Inspector } from '../../../../harness/plan/inspector.ts'
import { readHttp } from '../../../../harness/plan/read-settings.ts'

function read(written: unknown) {
  const inspector = new Inspector()
  return { http: readHttp(inspector, 'http', written), errors: inspector.errors }
}

test('reads what servers are told, and whether cookies are kept', () => {
  const written = { cookies: false, identify: true, userAgent: 'Mozilla/5.0', acceptEncoding: ['br', 'gzip'] }
  expect(read(written)).toEqual({ http: written, errors: [] })
  expect(read({})).toEqual({ http: {}, errors: [] })
})

test.each([
  [{ cookies: 'no' }, 'http.cookies: expected true or false, got "no"'],
  [{ identify: 1 }, 'http.identify: expected true or false, got 1'],
  [{ userAgent: 'a\r\nx: y' }, 'http.userAgent: expected printable ASCII, which a header can carry'],
  [{ userAgent: '' }, 'http.userAgent: expected a text'],
  [{ acceptEncoding: 'gzip' }, 'http.acceptEncoding: expected an array with at least one item, got "gzip"'],
  [
    { acceptEncoding: ['gzp'] },
    'http.acceptEncoding[0]: expected gzip or deflate or br or zstd or identity (did you mean gzip?)',
  ],
  [{ cookie: true }, 'http.cookie: there is no such key; did you mean "cookies"?'],
])('%j is an error at its place', (written, error) => {
  expect(read(written).errors).toEqual([expect.stringContaining(error)])
})
