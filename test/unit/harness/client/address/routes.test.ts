import { expect, test } from 'vitest'
import { Routes, templateOf } from '../../../../../harness/client/address/routes.ts'
import { parseTarget } from '../../../../../harness/client/address/target.ts'

test.each([
  ['/orders/5001', '/orders/{id}'],
  ['/orders/5001/items/2', '/orders/{id}/items/{id}'],
  ['/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301/cart', '/users/{id}/cart'],
  ['/blobs/9f86d081884c7d65', '/blobs/{id}'],
  ['/orders/ord-20391', '/orders/{id}'],
  ['/sessions/eyJhbGciOiJFUzI1NiIsInR5', '/sessions/{id}'],
  ['/api/v1/products', '/api/v1/products'],
  ['/api/v1/notification-preferences', '/api/v1/notification-preferences'],
  ['/feed/deadbeef/cafe', '/feed/deadbeef/cafe'],
  ['/', '/'],
])('%s is called %s', (path, template) => {
  expect(templateOf(path)).toBe(template)
})

test('a path of the contract is called by its template, without its query', () => {
  const routes = new Routes(parseTarget('http://127.0.0.1:1'))
  expect(routes.of('GET', '/v1/streams/orders-2?from=latest')).toEqual({
    method: 'GET',
    name: '/v1/streams/{stream}',
    operation: 'streams.read',
  })
  expect(routes.of('POST', '/v1/streams/orders-2')).toMatchObject({ operation: 'unmatched' })
})

test('paths beside the API are no operation, as in the ledger', () => {
  const routes = new Routes(parseTarget('http://127.0.0.1:1'))
  for (const path of ['/metrics', '/docs', '/docs/page.js', '/openapi.json', '/_loadcell/ledger?run=x', '/']) {
    expect(routes.of('GET', path).operation).toBeUndefined()
  }
  expect(routes.of('GET', '/metrics', 'memory').operation).toBeUndefined()
  for (const path of ['/metrics/more', '/docsy', '/nowhere', '/_loadcell']) {
    expect(routes.of('GET', path).operation).toBe('unmatched')
  }
})

test('paths of one template share a route; each name and method has another', () => {
  const routes = new Routes(parseTarget('http://127.0.0.1:1'))
  const route = routes.of('GET', '/orders/1')
  expect(routes.of('GET', '/orders/2?page=1')).toBe(route)
  expect(routes.of('DELETE', '/orders/2')).not.toBe(route)
  const named = routes.of('POST', '/v1/events/publish', 'publish')
  expect(named).toMatchObject({ name: 'publish', operation: 'events.publish' })
  expect(routes.of('POST', '/v1/events/publish?x', 'publish')).toBe(named)
})

test('names past the limit share one route', () => {
  const routes = new Routes(parseTarget('http://127.0.0.1:1'))
  for (let ordinal = 0; ordinal < 3000; ordinal += 1) routes.of('GET', '/', `name ${ordinal}`)
  const other = routes.of('GET', '/', 'one more')
  expect(other.name).toBe('(other)')
  expect(routes.of('GET', '/docs/more')).toBe(other)
  expect(routes.of('GET', '/', 'name 0').name).toBe('name 0')
})

test('a flood of paths does not mix up names', () => {
  const routes = new Routes(parseTarget('http://127.0.0.1:1'))
  const route = routes.of('GET', '/orders/0')
  for (let id = 0; id < 25_000; id += 1) expect(routes.of('GET', `/orders/${id}`)).toBe(route)
})
