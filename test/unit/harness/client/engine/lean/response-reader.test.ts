import { describe, expect, test } from 'vitest'
import type { ResponseHead } from '../../../../../../harness/client/engine/engine.ts'
import { MalformedResponse } from '../../../../../../harness/client/engine/lean/malformed-response.ts'
import { ResponseReader, type ResponseSink } from '../../../../../../harness/client/engine/lean/response-reader.ts'

/** The outcome of a response: its parts, or why it was refused. */
interface Outcome {
  status: number
  headers: unknown
  body: string
  isComplete: boolean
  keepsAlive: boolean
  /** Number of bytes behind the response. */
  excess: number
  refusal: string | undefined
}

class Sink implements ResponseSink {
  isHeld = false
  status = 0
  headers: unknown
  body = ''

  head(status: number, head: ResponseHead): void {
    this.status = status
    this.headers = head.headers
  }

  data(chunk: Buffer): void {
    this.body += chunk.toString('latin1')
  }
}

/** Reads the parts one after the other, each from a buffer that is overwritten afterwards. */
function outcomeOf(parts: readonly string[], method = 'GET'): Outcome {
  const reader = new ResponseReader()
  const sink = new Sink()
  let excess = 0
  let refusal: string | undefined
  reader.begin(method)
  try {
    for (const part of parts) {
      const bytes = Buffer.from(part, 'latin1')
      excess += bytes.length - reader.read(bytes, 0, bytes.length, sink)
      bytes.fill(0x58)
    }
  } catch (error) {
    if (!(error instanceof MalformedResponse)) throw error
    refusal = error.message
  }
  const { status, headers, body } = sink
  return { status, headers, body, isComplete: reader.isComplete, keepsAlive: reader.keepsAlive, excess, refusal }
}

const accepted: Record<string, { bytes: string; body: string; keepsAlive?: boolean; method?: string }> = {
  'of a length': { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', body: 'abc' },
  'without a reason': { bytes: 'HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc', body: 'abc' },
  'with white space around its values': {
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: \t 3 \t\r\nX:\r\nY: \t \r\n\r\nabc',
    body: 'abc',
  },
  'with bytes of UTF-8 in its fields': {
    bytes: 'HTTP/1.1 200 caf\u00c3\u00a9\r\nX: caf\u00c3\u00a9\r\nContent-Length: 0\r\n\r\n',
    body: '',
  },
  'in chunks with extensions and trailers': {
    bytes:
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n0A ;c;d="\t e"\r\n0123456789\r\n00;last\r\nExpires: 0\r\nX:\r\n\r\n',
    body: 'abc0123456789',
  },
  'after interim ones': {
    bytes: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na`,
    body: 'a',
  },
  'after the empty line that some servers send behind the last one': {
    bytes: '\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na',
    body: 'a',
  },
  'to HEAD': { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', body: '', method: 'HEAD' },
  'to HEAD that announces chunks': {
    bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    body: '',
    method: 'HEAD',
  },
  'of status 204': { bytes: 'HTTP/1.1 204 No Content\r\n\r\n', body: '' },
  'of status 304': { bytes: 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', body: '' },
  'of status 304 that announces what it does not have': {
    bytes: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    body: '',
    keepsAlive: false,
  },
  'of status 204 that announces a body': {
    bytes: 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n',
    body: '',
    keepsAlive: false,
  },
  'of a status that no standard has': { bytes: 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n', body: '' },
  'that closes': {
    bytes: 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\na',
    body: 'a',
    keepsAlive: false,
  },
  'that closes, and says it in a second field': {
    bytes: 'HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: 1\r\n\r\na',
    body: 'a',
    keepsAlive: false,
  },
  'of HTTP/1.0': { bytes: 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', body: 'a', keepsAlive: false },
  'of HTTP/1.0 that keeps the connection': {
    bytes: 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na',
    body: 'a',
  },
}

/** By what it would be accepted by a lenient reader, and read as something else by another one. */
const refused: Record<string, string> = {
  'another protocol': 'SSH-2.0-OpenSSH_9.0\r\n',
  'HTTP/0.9': '<html>',
  'HTTP/2.0': 'HTTP/2.0 200 OK\r\n\r\n',
  'HTTP/1.2': 'HTTP/1.2 200 OK\r\n\r\n',
  'lower case': 'http/1.1 200 OK\r\n\r\n',
  'two spaces before the status': 'HTTP/1.1  200 OK\r\n\r\n',
  'a tab before the status': 'HTTP/1.1\t200 OK\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\n\r\n',
  'a status with a sign': 'HTTP/1.1 +20 OK\r\n\r\n',
  'a status of 000': 'HTTP/1.1 000 OK\r\n\r\n',
  'a status of 099': 'HTTP/1.1 099 OK\r\n\r\n',
  'a switch of protocols': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'NUL in the reason': 'HTTP/1.1 200 O\0K\r\n\r\n',
  'a bare line feed behind the first line': 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n',
  'a bare line feed behind a field': 'HTTP/1.1 200 OK\r\nX: a\nContent-Length: 0\r\n\r\n',
  'a bare carriage return in a value': 'HTTP/1.1 200 OK\r\nX: a\rContent-Length: 0\r\n\r\n',
  'a bare line feed at the end of the head': 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n',
  'NUL in a value': 'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n',
  'another control character in a value': 'HTTP/1.1 200 OK\r\nX: a\x0bb\r\n\r\n',
  'DEL in a value': 'HTTP/1.1 200 OK\r\nX: a\x7fb\r\n\r\n',
  'a space before the colon': 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n',
  'no colon': 'HTTP/1.1 200 OK\r\nContent-Length 0\r\n\r\n',
  'no name': 'HTTP/1.1 200 OK\r\n: a\r\n\r\n',
  'a name that is no token': 'HTTP/1.1 200 OK\r\nX(a): a\r\n\r\n',
  'a folded field': 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
  'a folded Transfer-Encoding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n',
  'white space before the first field': 'HTTP/1.1 200 OK\r\n X: a\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n',
  'the same length twice': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n',
  'a list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n',
  'a negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
  'a length with a plus': 'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n',
  'a hexadecimal length': 'HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n',
  'a length with a fraction': 'HTTP/1.1 200 OK\r\nContent-Length: 1.0\r\n\r\n',
  'a length with a space in it': 'HTTP/1.1 200 OK\r\nContent-Length: 1 0\r\n\r\n',
  'an empty length': 'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n',
  'a length that is no exact number': 'HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\n',
  'a length beyond 64 bits': `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\n`,
  'a length and chunks': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
  'chunks and a length': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n',
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'another coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
  'another coding below the chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
  'another coding above the chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n',
  'chunks twice': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n',
  'a coding that only looks like chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n',
  'an empty coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n',
  'no final response': 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(101),
  'hints without end': `HTTP/1.1 103 Early Hints\r\n${'Link: </a>\r\n'.repeat(6000)}`,
  'a head without end': `HTTP/1.1 200 OK\r\n${'X-Long: a\r\n'.repeat(30_000)}`,
  'a line without end': `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(270_000)}`,
}

const CHUNKS = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const refusedChunks: Record<string, string> = {
  'no size': '\r\nabc\r\n',
  'a negative size': '-3\r\nabc\r\n',
  'a size with a plus': '+3\r\nabc\r\n',
  'a size with a prefix': '0x3\r\nabc\r\n',
  'a size that is no hexadecimal number': 'g\r\nabc\r\n',
  'a size with a space before it': ' 3\r\nabc\r\n',
  'a size with spaces behind it': '3  \r\nabc\r\n',
  'a size with text behind it': '3 x\r\nabc\r\n',
  'a size that is no exact number': 'fffffffffffffffff\r\nabc\r\n',
  'a size with too many zeros': `${'0'.repeat(20)}3\r\nabc\r\n`,
  'a bare line feed behind the size': '3\nabc\r\n',
  'a bare carriage return behind the size': '3\rabc\r\n',
  'no line break behind the data': '3\r\nabc3\r\n',
  'a bare line feed behind the data': '3\r\nabc\n0\r\n\r\n',
  'more data than the size': '3\r\nabcd\r\n',
  'a bare line feed in an extension': '3;a\nb\r\nabc\r\n',
  'NUL in an extension': '3;a\0\r\nabc\r\n',
  'an extension without end': `3;${'a'.repeat(20_000)}`,
  'a bare line feed behind the last chunk': '0\n\r\n',
  'a bare line feed behind the trailers': '0\r\n\n',
  'a trailer without a colon': '0\r\nabc\r\n\r\n',
  'a folded trailer': '0\r\nX: a\r\n b\r\n\r\n',
  'a space before the colon of a trailer': '0\r\nX : a\r\n\r\n',
  'a bare line feed in a trailer': '0\r\nX: a\nY: b\r\n\r\n',
  'NUL in a trailer': '0\r\nX: \0\r\n\r\n',
  'trailers without end': `0\r\n${'X: a\r\n'.repeat(60_000)}`,
}

describe('a response', () => {
  test.each(Object.entries(accepted))(
    '%s is read alike wherever its bytes are split',
    (_what, { bytes, body, keepsAlive = true, method }) => {
      const whole = outcomeOf([bytes], method)
      expect(whole).toMatchObject({ body, keepsAlive, isComplete: true, excess: 0, refusal: undefined })
      for (let at = 1; at < bytes.length; at += 1) {
        expect(outcomeOf([bytes.slice(0, at), bytes.slice(at)], method), `split at ${at}`).toEqual(whole)
        const isComplete = outcomeOf([bytes.slice(0, at)], method).isComplete
        expect(isComplete, `complete after ${at} of ${bytes.length} bytes`).toBe(false)
      }
      expect(outcomeOf(bytes.split(''), method), 'byte by byte').toEqual(whole)
    },
  )

  test.each(Object.entries(accepted))('%s does not take the bytes behind it', (_what, { bytes, method }) => {
    const next = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled'
    const { body, excess } = outcomeOf([bytes + next], method)
    expect(excess).toBe(next.length)
    expect(body).not.toContain('smuggled')
  })

  const all = {
    ...refused,
    ...Object.fromEntries(Object.entries(refusedChunks).map(([why, bytes]) => [why, CHUNKS + bytes])),
  }

  test.each(Object.entries(all))('with %s is refused, wherever its bytes are split', (_why, bytes) => {
    const { refusal, isComplete } = outcomeOf([bytes])
    expect(refusal).toMatch(/^expected /)
    expect(isComplete).toBe(false)
    const isLong = bytes.length > 1000
    for (let at = 1; at < Math.min(bytes.length, 200); at += isLong ? 40 : 1) {
      expect(outcomeOf([bytes.slice(0, at), bytes.slice(at)]).refusal, `split at ${at}`).toBeDefined()
    }
    if (!isLong) expect(outcomeOf(bytes.split('')).refusal, 'byte by byte').toBeDefined()
  })

  test('that ends with the connection is complete then, and only then', () => {
    const reader = new ResponseReader()
    const sink = new Sink()
    reader.begin('GET')
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\n\r\nuntil the end')
    expect(reader.end()).toBe(false)
    reader.begin('GET')
    expect(reader.read(bytes, 0, bytes.length, sink)).toBe(bytes.length)
    expect(reader.isComplete).toBe(false)
    expect(reader.end()).toBe(true)
    expect(sink.body).toBe('until the end')
    expect(reader.keepsAlive).toBe(false)
  })

  test('has fields of any name, none of which is inherited', () => {
    const { headers } = outcomeOf([
      'HTTP/1.1 200 OK\r\n__proto__: a\r\nX: 1\r\nconstructor: b\r\n__Proto__: c\r\nx: 2\r\nx: 3\r\nContent-Length: 0\r\n\r\n',
    ])
    expect(Object.entries(headers as object)).toEqual([
      ['__proto__', ['a', 'c']],
      ['x', ['1', '2', '3']],
      ['constructor', 'b'],
      ['content-length', '0'],
    ])
    expect((headers as Record<string, unknown>)['toString']).toBeUndefined()
  })

  test('is read no further while its sink is held', () => {
    const reader = new ResponseReader()
    const sink = new Sink()
    const bytes = Buffer.from(`${CHUNKS}1\r\na\r\n1\r\nb\r\n0\r\n\r\n`)
    reader.begin('GET')
    sink.data = chunk => {
      sink.body += String(chunk)
      sink.isHeld = true
    }
    let at = reader.read(bytes, 0, bytes.length, sink)
    expect(sink.body).toBe('a')
    expect(reader.read(bytes, at, bytes.length, sink)).toBe(at)
    sink.isHeld = false
    at = reader.read(bytes, at, bytes.length, sink)
    expect(sink.body).toBe('ab')
    expect(reader.isComplete).toBe(false)
    sink.isHeld = false
    expect(reader.read(bytes, at, bytes.length, sink)).toBe(bytes.length)
    expect(reader.isComplete).toBe(true)
  })

  test.each([
    ['timeout=5', 5],
    ['timeout=5, max=100', 5],
    ['max=100, timeout="7"', 7],
    ['max=100', undefined],
    ['timeout=-5', undefined],
    ['mytimeout=5', undefined],
  ])('with Keep-Alive: %s keeps its connection for that many seconds: %s', (value, seconds) => {
    const reader = new ResponseReader()
    const bytes = Buffer.from(`HTTP/1.1 200 OK\r\nKeep-Alive: ${value}\r\nContent-Length: 0\r\n\r\n`)
    reader.begin('GET')
    reader.read(bytes, 0, bytes.length, new Sink())
    expect(reader.keepAliveSeconds).toBe(seconds)
  })
})
