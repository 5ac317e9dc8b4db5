import { describe, expect, it } from 'vitest'
import { alwaysThrough, proxiesOf } from '../../../../../harness/client/proxies/environment.ts'
import { parseProxy } from '../../../../../harness/client/proxies/parse-proxy.ts'

/** Finds the proxy that an environment names for a host, with and without TLS. */
function found(env: Record<string, string>, host = 'shop.example') {
  const proxies = proxiesOf(env)
  return [proxies?.find(host, 443, true)?.shown, proxies?.find(host, 80, false)?.shown]
}

const [a, b] = ['http://a:1', 'http://b:2']

describe('the proxies of an environment', () => {
  it.each<[string, Record<string, string>, (string | undefined)[]]>([
    ['each for its kind', { HTTPS_PROXY: a, HTTP_PROXY: b }, [a, b]],
    ['in small letters first', { https_proxy: a, HTTPS_PROXY: b }, [a, undefined]],
    ['for both kinds', { ALL_PROXY: a }, [a, a]],
    ['for the other kind', { ALL_PROXY: a, HTTP_PROXY: b }, [a, b]],
    ['not if they are empty', { HTTPS_PROXY: '', https_proxy: ' ' }, [undefined, undefined]],
    ['not for exceptions', { ALL_PROXY: a, NO_PROXY: 'example' }, [undefined, undefined]],
    [
      'not for exceptions in small letters, which win',
      { ALL_PROXY: a, NO_PROXY: 'other', no_proxy: 'example' },
      [undefined, undefined],
    ],
    ['but for exceptions with another port', { ALL_PROXY: a, NO_PROXY: 'shop.example:80' }, [a, undefined]],
  ])('are used %s', (_when, env, expected) => {
    expect(found(env)).toEqual(expected)
  })

  it('are not used for this machine', () => {
    expect(found({ ALL_PROXY: a }, '127.0.0.1')).toEqual([undefined, undefined])
    expect(found({ ALL_PROXY: a }, 'localhost')).toEqual([undefined, undefined])
  })

  it('are none where no variable names one', () => {
    expect(proxiesOf({ NO_PROXY: '*' })).toBeUndefined()
  })

  it('name the variable that holds no URL, without its password', () => {
    expect(() => proxiesOf({ https_proxy: 'socks5://me:secret@a' })).toThrow(/^https_proxy: expected .*\*\*\*@a"$/)
  })
})

it('a proxy that was asked for is used for this machine, too', () => {
  const proxies = alwaysThrough(parseProxy(a))
  expect(proxies.find('127.0.0.1', 80, false)?.shown).toBe(a)
})
