import { describe, expect, it } from 'vitest'
import { FrameReader } from '../../../../contract/stomp/frame-reader.ts'
import type { StompVersion } from '../../../../contract/stomp/version.ts'

const limits = { headers: 3, headBytes: 60, bodyBytes: 10 }

function read(text: string, version?: StompVersion) {
  return [...new FrameReader(limits, version).read(Buffer.from(text))].map(({ command, headers, body }) => ({
    command,
    headers: { ...headers },
    body,
  }))
}

describe('frames of STOMP', () => {
  it('keeps the first of repeated headers, whatever they are called', () => {
    expect(read('SEND\na:1\na:2\n__proto__:3\n\n\0', '1.2')).toEqual([
      {
        command: 'SEND',
        headers: Object.fromEntries([
          ['a', '1'],
          ['__proto__', '3'],
        ]),
        body: '',
      },
    ])
  })

  it('reads a body with a NUL by its content-length, and without one up to the NUL', () => {
    expect(read('SEND\ncontent-length:3\n\na\0b\0SEND\n\nab\0', '1.2').map(({ body }) => body)).toEqual(['a\0b', 'ab'])
  })

  it('reads carriage returns as parts of line ends in 1.2, and of values before', () => {
    expect(read('\r\nSEND\r\na:b\r\n\r\n\0', '1.2')).toMatchObject([{ headers: { a: 'b' } }])
    expect(read('SEND\na:b\r\n\n\0', '1.1')).toMatchObject([{ headers: { a: 'b\r' } }])
  })

  it('does not unescape what is never escaped', () => {
    expect(read('CONNECT\na:\\t\n\n\0', '1.2')).toMatchObject([{ headers: { a: '\\t' } }])
    expect(read('SEND\na:\\n\\c\\\\\\r\n\n\0', '1.2')).toMatchObject([{ headers: { a: '\n:\\\r' } }])
    expect(read('SEND\na: \\n \n\n\0', '1.0')).toMatchObject([{ headers: { a: '\\n' } }])
  })

  it.each<[string, string, StompVersion, string]>([
    ['an unknown escape', 'SEND\na:\\t\n\n\0', '1.2', 'escapes of STOMP 1.2'],
    ['an escape of a later version', 'SEND\na:\\r\n\n\0', '1.1', 'escapes of STOMP 1.1'],
    ['a half escape', 'SEND\na:b\\\n\n\0', '1.2', 'escapes of STOMP 1.2'],
    ['a header without a colon', 'SEND\nabc\n\n\0', '1.2', 'a header name:value'],
    ['a header without a name', 'SEND\n:abc\n\n\0', '1.2', 'a header name:value'],
    ['many headers', 'SEND\na:1\nb:1\nc:1\nd:1\n\n\0', '1.2', 'at most 3 headers'],
    ['a long head', `SEND\na:${'x'.repeat(70)}`, '1.2', 'at most 60 bytes'],
    ['a head in many lines', `SEND\na:${'x'.repeat(25)}\nb:${'x'.repeat(25)}\nc:`, '1.2', 'at most 60 bytes'],
    ['a long body', `SEND\n\n${'x'.repeat(11)}`, '1.2', 'at most 10 bytes'],
    ['a long content-length', 'SEND\ncontent-length:11\n\n', '1.2', 'at most 10 bytes'],
    ['a content-length that is no number', 'SEND\ncontent-length:1e1\n\n', '1.2', 'content-length'],
    ['a content-length that is too short', 'SEND\ncontent-length:1\n\nab\0', '1.2', 'a NUL after a body of 1 bytes'],
    ['a NUL in the headers', 'SEND\na:b\0\n\n\0', '1.2', 'an empty line after the headers'],
    ['a body where none belongs', 'SUBSCRIBE\n\nabc\0', '1.2', 'to have no body'],
    ['a carriage return alone', '\r\rSEND\n\n\0', '1.2', 'a line feed after a carriage return'],
  ])('refuses %s', (_what, text, version, expected) => {
    expect(() => read(text, version)).toThrow(expected)
  })

  it('refuses headers that are not UTF-8', () => {
    expect(() => [...new FrameReader(limits).read(Buffer.from([0x53, 0xff, 0x0a]))]).toThrow('headers in UTF-8')
  })
})
