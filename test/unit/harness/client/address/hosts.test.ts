import { describe, expect, test } from 'vitest'
import { type DeclaredHost, Hosts, pathAt } from '../../../../../harness/client/address/hosts.ts'
import { parseTarget } from '../../../../../harness/client/address/target.ts'

const api: DeclaredHost = { name: 'api', url: 'https://u:p@api.example.test/base', token: false, identify: false }
const local: DeclaredHost = {
  name: 'auth',
  url: 'http://[::1]:4000/stub',
  writtenUrl: 'https://auth.example.test/v2',
  token: true,
  identify: true,
}

function hostsOf(declared: DeclaredHost[] = [api, local], identify = true): Hosts {
  const target = parseTarget('http://shop.test:8080/shop')
  return new Hosts(target, {
    declared,
    runId: 'run-1',
    userAgent: undefined,
    acceptEncoding: 'identity',
    version: '1.2.3',
    identify,
  })
}

test.each([
  ['/orders', undefined, 'http://shop.test:8080/shop/orders'],
  ['http://shop.test:8080/x', undefined, 'http://shop.test:8080/x'],
  ['api:/v1/orders?a=1', 'api', 'https://api.example.test/base/v1/orders?a=1'],
  ['api:/base/v1', 'api', 'https://api.example.test/base/v1'],
  ['https://api.example.test/other', 'api', 'https://api.example.test/other'],
  ['wss://api.example.test/live', 'api', 'https://api.example.test/live'],
  ['auth:/token', 'auth', 'http://[::1]:4000/stub/token'],
  ['http://[::1]:4000/health', 'auth', 'http://[::1]:4000/health'],
  // The command line leads the URLs of the scenario elsewhere.
  ['https://auth.example.test/v2/token?x=1', 'auth', 'http://[::1]:4000/stub/token?x=1'],
  ['https://auth.example.test/health', 'auth', 'http://[::1]:4000/stub/health'],
])('%s is sent by %s to %s', (path, name, url) => {
  const host = hostsOf().of(path)
  expect({ name: host.name, url: host.address.origin + pathAt(host, path) }).toEqual({ name, url })
})

test('hosts may share an origin below different paths', () => {
  const shared = (name: string) => ({ ...api, name, url: `https://gateway.test/${name}` })
  const hosts = hostsOf([shared('one'), shared('two')])
  expect(
    ['https://gateway.test/two/x', 'https://gateway.test/one', 'https://gateway.test/'].map(url => hosts.of(url).name),
  ).toEqual(['two', 'one', 'one'])
})

test.each([
  'https://api.example.test.evil.test/',
  'https://api.example.test:8443/',
  'http://api.example.test/',
  'ap:/v1',
  'api:v1',
  'api://v1',
  'orders',
])('%s is refused, with advice', path => {
  const host = hostsOf().of(path)
  expect(() => pathAt(host, path)).toThrow(
    /expected a path such as \/v1\/orders, or a URL of http:\/\/shop.test:8080, got .*only to servers that the scenario declares/,
  )
})

test('credentials belong to one server each', () => {
  const { target, others } = hostsOf()
  expect([target, ...others].map(({ identity, takesToken }) => [identity['authorization'], takesToken])).toEqual([
    [undefined, true],
    ['Basic dTpw', false],
    [undefined, true],
  ])
  expect(() => pathAt(others[0]!, 'https://other:pw@api.example.test/')).toThrow(
    'without credentials, got "https://***@',
  )
})

describe('the run', () => {
  test('is told to a target of Loadcell, and to hosts that should know it', () => {
    const { target, others } = hostsOf()
    expect([target, ...others].map(({ identity }) => identity['x-loadcell-run'])).toEqual(['run-1', undefined, 'run-1'])
    expect(target.identity).toEqual({ 'user-agent': 'loadcell/1.2.3', 'x-loadcell-run': 'run-1' })
  })

  test('is not told to another target', () => {
    const { target } = hostsOf([], false)
    expect({ identity: target.identity, identified: target.identified }).toEqual({
      identity: { 'user-agent': 'loadcell/1.2.3' },
      identified: false,
    })
  })
})

test('names and tags tell hosts apart', () => {
  const hosts = hostsOf()
  expect(hosts.routeAt('GET', new URL('https://api.example.test/base/orders/17'))).toEqual({
    method: 'GET',
    name: 'api:/orders/{id}',
    operation: undefined,
    host: 'api',
  })
  expect(hosts.routeAt('GET', new URL('https://elsewhere.test/orders/17')).name).toBe(
    'https://elsewhere.test/orders/{id}',
  )
  expect(hosts.routeAt('GET', new URL('http://shop.test:8080/shop/healthz'))).toMatchObject({ name: '/healthz' })
})
