import { describe, expect, it } from 'vitest'
import { parseProxy } from '../../../../../harness/client/proxies/parse-proxy.ts'

describe('parseProxy', () => {
  it.each([
    ['http://proxy.example:3128', 'proxy.example', 3128, false],
    ['proxy.example:3128', 'proxy.example', 3128, false],
    ['10.0.0.1', '10.0.0.1', 80, false],
    ['http://[::1]:8080/', '::1', 8080, false],
    ['https://proxy.example', 'proxy.example', 443, true],
  ])('reads %s', (text, host, port, isSecure) => {
    expect(parseProxy(text)).toMatchObject({ host, port, isSecure, authorization: undefined })
  })

  it('takes the credentials from the URL and does not show them', () => {
    const proxy = parseProxy('me:s%3Acret@proxy.example:3128')
    expect(proxy.authorization).toBe(`Basic ${Buffer.from('me:s:cret').toString('base64')}`)
    expect(proxy.shown).toBe('http://proxy.example:3128')
  })

  it.each([
    ['socks5://me:secret@proxy.example:1080', /SOCKS/],
    ['ftp://me:secret@proxy.example', /expected the URL of a proxy/],
    ['http://', /expected the URL of a proxy/],
    ['http://me:se@cr/et@proxy.example', /percent-encoded/],
    ['http://me:secret@proxy.example:port', /expected the URL of a proxy/],
  ])('refuses %s without its password', (text, message) => {
    expect(() => parseProxy(text)).toThrow(message)
    expect(() => parseProxy(text)).toThrow(expect.not.stringMatching(/secret|cr\/et/))
  })
})
