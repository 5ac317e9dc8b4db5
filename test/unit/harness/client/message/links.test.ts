import { describe, expect, it } from 'vitest'
import { linkOf, linksIn } from '../../../../../harness/client/message/links.ts'
import type { HttpResponse } from '../../../../../harness/scenario/http.ts'

function response(headers: HttpResponse['headers'], text = ''): HttpResponse {
  return { status: 200, headers, url: 'http://shop.test/orders?page=2', text: () => text } as unknown as HttpResponse
}

describe('the links of a response', () => {
  it('come from its Link headers', () => {
    const link = [
      '<?page=3>; title="a, \\"b\\"; rel=x"; rel="next last", </orders>;rel=first',
      '<http://a.test/>; rel=Help',
    ]
    expect(linksIn(response({ link }))).toEqual({
      next: 'http://shop.test/orders?page=3',
      last: 'http://shop.test/orders?page=3',
      first: 'http://shop.test/orders',
      help: 'http://a.test/',
    })
  })

  it('come from its HTML, and the first of a relation counts', () => {
    const html = '<base href="/b/"><link rel="next" href="3"><a rel="next nofollow" href="4">4</a>'
    expect(linksIn(response({ 'content-type': 'text/html; charset=utf-8' }, html))).toEqual({
      next: 'http://shop.test/b/3',
      nofollow: 'http://shop.test/b/4',
    })
  })

  it('are found by their relation, or the error lists the relations', () => {
    const last = response({ link: '</orders>; rel=first' })
    expect(linkOf(last, 'First')).toBe('http://shop.test/orders')
    expect(() => linkOf(last, 'next')).toThrow(
      'expected a link with the relation "next" in the response of status 200 from /orders, got the relations "first"',
    )
    expect(() => linkOf(response({}), 'constructor')).toThrow('got the relations (none)')
  })
})
