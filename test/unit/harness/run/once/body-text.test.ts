import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { BodyText } from '../../../../../harness/run/once/body-text.ts'
import { Concealment } from '../../../../../harness/run/once/concealment.ts'

const concealment = new Concealment({ shown: false, secrets: [] })
const bodies = new BodyText(concealment, false)
const whole = new BodyText(concealment, true)
const JSON_TYPE = { 'content-type': 'application/json' }

describe('BodyText', () => {
  it('shows JSON in readable lines, without secrets', () => {
    expect(bodies.of(Buffer.from('{"a":1,"password":"x"}'), JSON_TYPE)).toBe('{"a": 1, "password": "***"}')
  })

  it('shows JSON that is cut off as it came', () => {
    expect(bodies.of(Buffer.from('{"a":1,"b'), JSON_TYPE)).toBe('{"a":1,"b')
  })

  it('shows a form without passwords', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(bodies.of(Buffer.from('user=a&password=hunter2'), headers)).toBe('user=a&password=***')
  })

  it('shows compressed bodies decompressed', () => {
    expect(bodies.of(gzipSync('hello'), { 'content-encoding': 'gzip', 'content-type': 'text/plain' })).toBe('hello')
  })

  it('says why a body cannot be decompressed', () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain' }
    expect(bodies.of(Buffer.from('hello'), headers)).toMatch(/^\(5 bytes that cannot be shown: it is not gzip/)
  })

  it('shows binary data by its size', () => {
    expect(bodies.of(Buffer.from([0x89, 0x50, 0, 0xff]), { 'content-type': 'image/png' })).toBe(
      '(4 bytes of image/png)',
    )
    expect(bodies.of(Buffer.from([0, 1]), {})).toBe('(2 bytes)')
  })

  it('shows text of an unknown type', () => {
    expect(bodies.of(Buffer.from('grüße'), {})).toBe('grüße')
  })

  it('shows fields of a multipart form, and files by their size', () => {
    const body = [
      '--b',
      'Content-Disposition: form-data; name="title"',
      '',
      'grüße',
      '--b',
      'Content-Disposition: form-data; name="password"',
      '',
      'hunter2',
      '--b',
      'Content-Disposition: form-data; name="größe"; filename="写真.png"',
      'Content-Type: image/png',
      '',
      '12345',
      '--b--',
      '',
    ].join('\r\n')
    expect(bodies.of(Buffer.from(body), { 'content-type': 'multipart/form-data; boundary=b' })).toBe(
      'title=grüße\npassword=***\ngröße=(5 bytes of image/png) in a file "写真.png"',
    )
  })

  it('shows the beginning of a long body, and all of it if it is asked to', () => {
    const text = 'word '.repeat(1000)
    expect(bodies.of(Buffer.from(text), {})).toBe(`${text.slice(0, 2048)}\n… and 2,952 more characters (--show bodies)`)
    expect(whole.of(Buffer.from(text), {})).toBe(text)
  })

  it('shows frames and events on one line', () => {
    expect(bodies.line('{ "a": 1,\n "token": "abcdef" }', false)).toBe('{"a":1,"token":"***"}')
    expect(bodies.line(Buffer.from([1, 2, 3]), true)).toBe('(3 bytes)')
    expect(bodies.line(Buffer.from('[1]'), false)).toBe('[1]')
  })
})
