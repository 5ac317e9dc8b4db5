import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { Connector } from '../../harness/client/engine/connector.ts'
import { type ConnectionPool, NO_HEAD, type ResponseHeaders } from '../../harness/client/engine/engine.ts'
import { createEngine } from '../../harness/client/engine/engines.ts'

/** The lean engine against undici: both receive the same bytes. Where they differ, RFC 9112 decides, and the test says how. */
const SEED = 20_261_129

/** The result that one engine makes of an answer. */
interface Verdict {
  /** Undefined for a failure. */
  response: { status: number; headers: ResponseHeaders; body: string } | undefined
  reason: string | undefined
}

/** Answers by path, each for one connection, which is closed afterwards. */
const answers = new Map<string, string>()
const sockets = new Set<Socket>()
const server = createServer({ allowHalfOpen: true }, socket => {
  sockets.add(socket)
  socket.on('error', () => {})
  socket.on('close', () => sockets.delete(socket))
  socket.once('data', request => {
    const path = /^\S+ (\S+)/.exec(String(request))?.[1] ?? ''
    socket.end(Buffer.from(answers.get(path)!, 'latin1'))
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const options = { clock: systemClock, connector: new Connector({ clock: systemClock }) }
const engines = { lean: createEngine('lean', options), undici: createEngine('undici', options) }
const pools = { lean: engines.lean.pool(origin, 16), undici: engines.undici.pool(origin, 16) }
afterAll(async () => {
  await Promise.all([pools.lean.destroy(), pools.undici.destroy()])
  for (const socket of sockets) socket.destroy()
  server.close()
})

let asked = 0

async function bothOf(answer: string, method = 'GET'): Promise<{ lean: Verdict; undici: Verdict }> {
  const path = `/${(asked += 1)}`
  answers.set(path, answer)
  const [lean, undici] = await Promise.all([verdictOf(pools.lean, path, method), verdictOf(pools.undici, path, method)])
  answers.delete(path)
  return { lean, undici }
}

function verdictOf(pool: ConnectionPool, path: string, method: string): Promise<Verdict> {
  return new Promise(resolve => {
    let status = 0
    let head = NO_HEAD
    let body = ''
    pool.send(
      { method, path, headers: {}, body: null, silenceMs: 2000 },
      {
        onSend() {},
        onHead(...answered) {
          ;[status, head] = answered
        },
        onData(chunk) {
          body += chunk.toString('latin1')
        },
        onEnd: () => resolve({ response: { status, headers: withoutPadding(head.headers), body }, reason: undefined }),
        onFailure: ({ reason }) => resolve({ response: undefined, reason }),
      },
    )
  })
}

/** undici leaves white space behind values, which RFC 9112 §5.1 excludes from them. */
function withoutPadding(headers: ResponseHeaders): ResponseHeaders {
  const trimmed = (text: string) => text.replace(/[ \t]+$/, '')
  return Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [
      name,
      typeof value === 'string' ? trimmed(value) : value.map(trimmed),
    ]),
  )
}

/** Answers that undici accepts and the lean engine refuses, each with the reason in RFC 9112. */
const stricter: Record<string, string> = {
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n':
    '§7.4: a server uses a coding only if the client offers it in TE; its body could not be read',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc':
    '§6.1 and §7.4: the client offers no gzip, and a client that does not know the coding cannot find the end of the body',
  'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n': '§6.1: the framing of such a response is faulty',
  'HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n':
    '§2.2: a recipient may accept a bare line feed, and need not; only CRLF has one meaning for everybody',
}

describe('the lean engine', () => {
  it.each(Object.entries(stricter))('is stricter than undici with %j, because %s', async answer => {
    const { lean, undici } = await bothOf(answer)
    expect(undici.response?.status, 'the status that undici reports').toBe(200)
    expect(lean).toEqual({ response: undefined, reason: 'protocol' })
  })

  it(`accepts nothing that undici refuses, and reads what both accept alike (seed ${SEED})`, async () => {
    let accepted = 0
    let refused = 0
    const property = fc.asyncProperty(fc.array(answer, { minLength: 24, maxLength: 24 }), async texts => {
      const verdicts = await Promise.all(texts.map(async text => ({ text, ...(await bothOf(text)) })))
      for (const { text, lean, undici } of verdicts) {
        if (lean.response === undefined) refused += 1
        else {
          accepted += 1
          expect(lean.response, JSON.stringify(text)).toEqual(undici.response)
        }
        if (undici.response !== undefined && lean.response === undefined)
          expect(mayRefuse(text), `only the lean engine refuses ${JSON.stringify(text)}: ${lean.reason}`).toBe(true)
      }
    })
    await fc.assert(property, { seed: SEED, numRuns: 40, endOnFailure: true })
    // Otherwise the comparison would show little.
    expect(accepted, 'accepted answers').toBeGreaterThan(50)
    expect(refused, 'refused answers').toBeGreaterThan(100)
  })

  it(`reads any sound response as undici does (seed ${SEED})`, async () => {
    const property = fc.asyncProperty(fc.array(sound, { minLength: 24, maxLength: 24 }), async texts => {
      for (const { text, lean, undici } of await Promise.all(
        texts.map(async text => ({ text, ...(await bothOf(text)) })),
      )) {
        expect(lean.response, JSON.stringify(text)).toBeDefined()
        expect(lean, JSON.stringify(text)).toEqual(undici)
      }
    })
    await fc.assert(property, { seed: SEED, numRuns: 20, endOnFailure: true })
  })
})

/** Interim responses as they have to be (RFC 9112 §4 and §5), and empty lines before them. */
const soundInterim =
  /^(?:(?:\r\n)*HTTP\/1\.[01] 1\d\d [ -~\x80-\xff]*\r\n(?:[!#$%&'*+.^_`|~\w-]+:[\t -~\x80-\xff]*\r\n)*\r\n)*/

/** Tells whether RFC 9112 lets a recipient refuse an answer with this in it, although undici does not. */
function mayRefuse(text: string): boolean {
  return (
    // Interim responses that are none: undici is given no interim response at all, and what skips them looks at their status only.
    /^(?:\r\n)*HTTP\/1\...[01]/.test(text.replace(soundInterim, '')) ||
    // A bare line feed, or a bare carriage return (§2.2).
    /(?<!\r)\n|\r(?!\n)/.test(text) ||
    // Another coding than chunks alone (§6.1), or chunks in HTTP/1.0.
    /transfer-encoding:(?!\s*chunked\s*\r\n)/i.test(text) ||
    (/transfer-encoding/i.test(text) && text.includes('HTTP/1.0')) ||
    // Control characters (RFC 9110 §5.5).
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text)
  )
}

const reason = fc.constantFrom('OK', '', 'caf\u00c3\u00a9', 'Not Found')
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/).map(text => `X-${text}`)
const value = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,20}[\x21-\x7e])?$/)
const field = fc
  .tuple(name, fc.constantFrom(': ', ':', ':  ', ':\t'), value, fc.constantFrom('', ' ', '\t'))
  .map(parts => parts.join(''))
const text = fc.string({ minLength: 0, maxLength: 60, unit: 'binary-ascii' })
const chunk = fc
  .tuple(
    text.filter(({ length }) => length > 0),
    fc.constantFrom('', ';a', ';a=b', ';a="b c"'),
  )
  .map(([data, extension]) => `${data.length.toString(16)}${extension}\r\n${data}\r\n`)

/** The framing of a body, and the body. */
const framed = fc.oneof(
  text.map(body => [`Content-Length: ${body.length}\r\n`, body]),
  fc
    .tuple(fc.array(chunk, { maxLength: 4 }), fc.array(field, { maxLength: 2 }))
    .map(([chunks, trailers]) => [
      'Transfer-Encoding: chunked\r\n',
      `${chunks.join('')}0\r\n${trailers.map(trailer => `${trailer}\r\n`).join('')}\r\n`,
    ]),
  text.map(body => ['', body]),
)

const sound = fc
  .record({
    interim: fc.array(
      fc.constantFrom('HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'),
      {
        maxLength: 2,
      },
    ),
    status: fc.constantFrom(200, 201, 301, 404, 418, 500, 599),
    reason,
    before: fc.array(field, { maxLength: 3 }),
    framed,
    after: fc.array(field, { maxLength: 3 }),
    connection: fc.constantFrom('', 'Connection: close\r\n', 'Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n'),
  })
  .map(({ interim, status, reason, before, framed: [framing = '', body = ''], after, connection }) => {
    const lines = (fields: string[]) => fields.map(line => `${line}\r\n`).join('')
    return `${interim.join('')}HTTP/1.1 ${status} ${reason}\r\n${lines(before)}${framing}${connection}${lines(after)}\r\n${body}`
  })

const piece = fc.constantFrom(
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  '0',
  '-',
  '+',
  'f',
  '\x7f',
  '\xff',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 5, 5\r\n',
  'Content-Length: -1\r\n',
  'Content-Length: 0x5\r\n',
  'Content-Length : 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding: chunked, chunked\r\n',
  ' folded: line\r\n',
  'ffffffffffffffff\r\n',
  '0\r\n\r\n',
  'HTTP/1.0',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno',
)

/** A sound response with some of its bytes removed or replaced. */
const answer = fc
  .tuple(
    sound,
    fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(4), piece }), {
      minLength: 1,
      maxLength: 2,
    }),
  )
  .map(([response, changes]) =>
    changes.reduce((bytes, { at, cut, piece }) => {
      const from = Math.floor(at * bytes.length)
      return bytes.slice(0, from) + piece + bytes.slice(from + cut)
    }, response),
  )
