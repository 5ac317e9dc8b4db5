import { expect, test } from 'vitest'
import { Hosts } from '../../../../../harness/client/address/hosts.ts'
import { ResolvedPaths } from '../../../../../harness/client/address/resolved-paths.ts'
import { parseTarget } from '../../../../../harness/client/address/target.ts'

const options = { runId: 'r', userAgent: undefined, acceptEncoding: 'identity', version: undefined, identify: false }
const declared = [{ name: 'api', url: 'http://api.example.test/base', token: false, identify: false }]
const hosts = new Hosts(parseTarget('http://target.example.test'), { ...options, declared })

function shown(paths: ResolvedPaths, method: string, path: string, query?: Record<string, string>, name?: string) {
  const { host, path: whole, route } = paths.of(method, path, query, name)
  return [host.name ?? 'target', whole, route.method, route.name]
}

test('a path leads to the same place, whatever was asked before', () => {
  const paths = new ResolvedPaths(hosts)
  for (let round = 0; round < 3; round += 1) {
    expect(shown(paths, 'GET', '/items/17')).toEqual(['target', '/items/17', 'GET', '/items/{id}'])
    expect(shown(paths, 'POST', '/items/17')).toEqual(['target', '/items/17', 'POST', '/items/{id}'])
    expect(shown(paths, 'GET', 'api:/a b')).toEqual(['api', '/base/a%20b', 'GET', 'api:/a%20b'])
    expect(shown(paths, 'GET', '/items/17', { q: '1' })).toEqual(['target', '/items/17?q=1', 'GET', '/items/{id}'])
    expect(shown(paths, 'GET', '/items/17', undefined, 'item')).toEqual(['target', '/items/17', 'GET', 'item'])
  }
})

test('equal requests have the same route, also beyond the paths that are remembered', () => {
  const paths = new ResolvedPaths(hosts)
  const routes = Array.from({ length: 3000 }, (_, id) => paths.of('GET', `/items/${id}`).route)
  expect(new Set(routes).size).toBe(1)
  expect(shown(paths, 'GET', '/items/2999')).toEqual(['target', '/items/2999', 'GET', '/items/{id}'])
  expect(paths.of('GET', '/items/1')).toBe(paths.of('GET', '/items/1'))
})

test('a URL that a scenario changes is read again', () => {
  const paths = new ResolvedPaths(hosts)
  const url = new URL('http://target.example.test/a')
  const at = () => paths.of('GET', url as unknown as string).path
  expect(at()).toBe('/a')
  url.pathname = '/b'
  expect(at()).toBe('/b')
})

test('a path that is none is refused each time', () => {
  const paths = new ResolvedPaths(hosts)
  for (let round = 0; round < 2; round += 1) expect(() => paths.of('GET', 'items')).toThrow('expected a path')
})
