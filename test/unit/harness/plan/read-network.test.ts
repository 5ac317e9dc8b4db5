import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../../harness/plan/inspector.ts'
import { networkOverrides, type NetworkSources, readNetwork } from '../../../../harness/plan/read-network.ts'

/** Returns the proxy for a foreign host and for this machine, and the errors. */
function read(written: { proxy?: unknown }, sources: NetworkSources = {}) {
  const inspector = new Inspector()
  const { proxies } = readNetwork(inspector, written, sources, () => {})
  const find = (host: string) => proxies?.find(host, 80, false)?.shown
  return { foreign: find('shop.example'), own: find('127.0.0.1'), errors: inspector.errors }
}

const env = { HTTP_PROXY: 'http://environment:1' }

describe('the proxy of a run', () => {
  it.each<[string, { proxy?: unknown }, NetworkSources, string | undefined, string | undefined]>([
    ['that of the environment, but not for this machine', {}, { env }, 'http://environment:1', undefined],
    ['none without an environment', {}, {}, undefined, undefined],
    [
      'that of the scenario, for this machine too',
      { proxy: 'scenario:2' },
      { env },
      'http://scenario:2',
      'http://scenario:2',
    ],
    ['none if the scenario wants none', { proxy: false }, { env }, undefined, undefined],
    ['that of --proxy', { proxy: false }, { env, flags: { proxy: 'flag:3' } }, 'http://flag:3', 'http://flag:3'],
    ['none with --no-proxy', { proxy: 'scenario:2' }, { env, flags: { proxy: false } }, undefined, undefined],
  ])('is %s', (_which, written, sources, foreign, own) => {
    expect(read(written, sources)).toEqual({ foreign, own, errors: [] })
  })

  it.each<[{ proxy?: unknown }, NetworkSources, RegExp]>([
    [{ proxy: 'socks5://me:secret@a' }, {}, /^proxy: expected an HTTP proxy/],
    [{ proxy: true }, {}, /^proxy: expected a text, got true/],
    [{}, { flags: { proxy: 'ftp://me:secret@a' } }, /^--proxy: expected the URL of a proxy/],
    [{}, { env: { all_proxy: 'socks5://me:secret@a' } }, /^all_proxy: expected an HTTP proxy/],
  ])('is refused with its place and without its password: %j %j', (written, sources, message) => {
    const { errors } = read(written, sources)
    expect(errors).toEqual([expect.stringMatching(message)])
    expect(errors[0]).not.toContain('secret')
  })
})

it('the options of a run are repeated without the password of the proxy', () => {
  const flags = { ca: 'a.pem', insecure: true, proxy: 'http://me:secret@a:1' } as const
  expect(networkOverrides({ flags })).toEqual({ ca: 'a.pem', insecure: true, proxy: 'http://***@a:1/' })
  expect(networkOverrides({ flags: { proxy: false } })).toEqual({ proxy: false })
  expect(networkOverrides()).toEqual({})
})
