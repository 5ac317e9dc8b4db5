import { describe, expect, test } from 'vitest'
import { parseTarget, pathOn } from '../../../../../harness/client/address/target.ts'
import { answerAny, fieldOf, rawServer } from '../../../../support/raw-server.ts'
import { clientOf, createUser } from '../support.ts'

function withUserInfo(url: string, userInfo: string): string {
  return url.replace('//', `//${userInfo}@`)
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}

describe('the parts of a target’s URL other than its host', () => {
  test('apply to every request: credentials, path and query', async () => {
    const { url, seen } = await rawServer(answerAny)
    const { http, sse, ws } = createUser(clientOf(`${withUserInfo(url, 'load:s3cr%40et')}/base/?key=1&empty=`))
    await http.get('/http?a=2')
    for await (const event of sse.open('/sse', { reconnect: false })) void event
    await expect(ws.open('/ws')).rejects.toThrow('404')
    expect(seen.map(({ line }) => line)).toEqual([
      'GET /base/http?a=2&key=1&empty= HTTP/1.1',
      'GET /base/sse?key=1&empty= HTTP/1.1',
      'GET /base/ws?key=1&empty= HTTP/1.1',
    ])
    for (const request of seen) expect(fieldOf(request, 'authorization')).toBe(basic('load:s3cr@et'))
  })

  test('give way to a token of the user, and to a header or parameter of the scenario', async () => {
    const { url, seen } = await rawServer(answerAny)
    const { http, auth } = createUser(clientOf(`${withUserInfo(url, 'load:secret')}/?key=1&other=2`))
    await http.get('/a', { headers: { Authorization: 'Digest x' } })
    auth.bearer('token')
    await http.get('/b?key=mine')
    auth.none()
    await http.get('/c?key=1&other=2')
    expect(seen.map(request => [request.line.slice(4, -9), fieldOf(request, 'authorization')])).toEqual([
      ['/a?key=1&other=2', 'Digest x'],
      ['/b?key=mine&other=2', 'Bearer token'],
      ['/c?key=1&other=2', basic('load:secret')],
    ])
  })

  test.each([
    ['user', 'user:'],
    [':password', ':password'],
    ['gr%C3%B6%C3%9Fe:%E6%9D%B1', 'größe:東'],
    ['50%:100%25', '50%:100%'],
    ['a%3Ab:c', 'a:b:c'],
  ])('%s is sent as intended', (userInfo, meant) => {
    expect(parseTarget(`http://${userInfo}@host/`).authorization).toBe(basic(meant))
  })
})

describe('a path', () => {
  test.each([
    ['http://host', '/a', '/a'],
    ['http://host/base', '/../a', '/base/a'],
    ['http://host/base', '/base/../a', '/base/a'],
    ['http://host/base', '/base/é', '/base/%C3%A9'],
    ['http://host/b%20ase/', '/a', '/b%20ase/a'],
    ['http://host/größe', '/gr%C3%B6%C3%9Fe/a', '/gr%C3%B6%C3%9Fe/a'],
    ['http://host/?k=1', '/a?', '/a?k=1'],
    ['http://host/?k=1', '/a?b&', '/a?b&k=1'],
    ['http://host/?k=1#part', '/a#other', '/a?k=1'],
    ['http://host/?q=a b', '/', '/?q=a%20b'],
    ['http://host:80', 'http://HOST/a b', '/a%20b'],
    ['http://host', 'ws://host/ws', '/ws'],
    ['https://host', 'wss://host:443/ws?a', '/ws?a'],
    ['http://u:p@host', 'http://u:p@host/a', '/a'],
    ['http://bücher.example', 'http://xn--bcher-kva.example/a', '/a'],
    ['http://[::1]:8080', 'http://[0:0::1]:8080/a', '/a'],
  ])('of %s: %s is requested as %s', (target, path, wanted) => {
    expect(pathOn(parseTarget(target), path)).toBe(wanted)
  })

  test('may be a URL object', () => {
    expect(pathOn(parseTarget('http://host'), new URL('http://host/a') as never)).toBe('/a')
  })

  test('of another origin, or with other credentials, is refused without naming them', () => {
    const target = parseTarget('http://u:p4ssword@host')
    expect(() => pathOn(target, 'https://host/a')).toThrow('or a URL of http://host, got "https://host/a"')
    for (const path of [
      'http://a:s3cret@host/',
      'http://a:s3cret@other/',
      'ftp://a:s3cret@host/',
      'http://a:s3c/ret@h',
    ]) {
      expect(() => pathOn(target, path)).toThrow(/^(?!.*(s3c|ret|p4ssword)).*\*\*\*@h?o?/)
    }
  })
})

test('no error about a target’s URL holds its password', () => {
  for (const url of [
    'http://load:secret@',
    'http://load:secret@h:x',
    'ftp://load:secret@h',
    'load:secret@h',
    'http://load:s@h/secret@h',
    '//load:secret@h',
  ]) {
    expect(() => parseTarget(url)).toThrow(/^expected (?!.*secret)/)
  }
})
