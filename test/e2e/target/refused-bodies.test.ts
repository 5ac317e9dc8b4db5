import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { closed } from '../../support/raw-exchange.ts'
import { operation, testTarget } from './support.ts'

const MIB = 1_048_576
const target = await testTarget({
  'http.refusedBodyBytes': String(16 * MIB),
  'http.refusedBodyTimeout': '2s',
  'rateLimits.rules': JSON.stringify([
    { name: 'one', by: 'tenant', requests: 1, per: '1h', burst: 1, operations: ['orders.create'] },
  ]),
  'faults.rules': JSON.stringify([
    {
      id: 'slow',
      match: { operation: 'auth.login' },
      fault: { type: 'delay', distribution: '20ms' },
    },
    { id: 'down', match: { operation: 'auth.login' }, fault: { type: 'status', status: 503 } },
  ]),
})
const writer = `Bearer ${await target.token('producer')}`

interface Sent {
  path?: string
  method?: string
  version?: string
  headers?: Record<string, string>
  body: Buffer
  /** Bytes sent right after the body. */
  behind?: string
}

const withLength = (bytes: number): Pick<Sent, 'headers' | 'body'> => ({
  headers: { 'content-length': String(bytes) },
  body: Buffer.alloc(bytes, ' '),
})

function inChunks(bytes: number): Pick<Sent, 'headers' | 'body'> {
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, ' '), Buffer.from('\r\n')])
  const chunks = Array.from({ length: bytes / 0x10000 }, () => chunk)
  return { headers: { 'transfer-encoding': 'chunked' }, body: Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]) }
}

/** Writes everything before it reads, as most blocking clients do. Returns everything received, or `reset`. */
async function writeThenRead({
  path = '/v1/events/batch',
  method = 'POST',
  version = '1.1',
  headers,
  body,
  behind,
}: Sent) {
  const socket = connect({ port: target.port, host: '127.0.0.1' })
  let answer = ''
  let error: string | undefined
  socket.on('error', ({ code }: NodeJS.ErrnoException) => (error = code))
  const all = { host: 'localhost', 'content-type': 'application/json', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.pause()
  socket.write(`${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n`)
  socket.write(body)
  socket.write(behind ?? '', () => {
    socket.on('data', chunk => (answer += chunk.toString('latin1')))
    if (behind === undefined) socket.once('data', () => socket.end())
    socket.resume()
  })
  await closed(socket)
  return { answer, error, statuses: [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(match => Number(match[1])) }
}

describe('a client that writes everything before it reads', () => {
  const authorization = writer
  const cases: [what: string, status: number, sent: Sent][] = [
    [
      'a body over the limit',
      413,
      { ...withLength(8 * MIB), headers: { authorization, 'content-length': String(8 * MIB) } },
    ],
    [
      'chunks over the limit',
      413,
      { ...inChunks(8 * MIB), headers: { authorization, 'transfer-encoding': 'chunked' } },
    ],
    ['a body without a token', 401, withLength(8 * MIB)],
    ['chunks without a token', 401, inChunks(8 * MIB)],
    ['a body to nowhere', 404, { ...withLength(8 * MIB), path: '/nowhere' }],
    ['a body to a control path that is none', 404, { ...withLength(8 * MIB), path: '/_loadcell/nothing' }],
    ['a body over the limit to the control plane', 413, { ...withLength(8 * MIB), path: '/_loadcell/faults' }],
    ['a body with a method that is not taken', 405, { ...withLength(8 * MIB), method: 'PUT' }],
    ['a body to a broken path', 400, { ...withLength(8 * MIB), path: '/%zz' }],
    ['a GET with a body', 200, { ...withLength(8 * MIB), method: 'GET', path: '/healthz' }],
    ['HTTP/1.0', 401, { ...withLength(8 * MIB), version: '1.0' }],
    [
      'another media type',
      415,
      {
        ...withLength(8 * MIB),
        headers: { authorization, 'content-type': 'text/csv', 'content-length': String(8 * MIB) },
      },
    ],
    [
      'a bomb',
      413,
      (() => {
        const body = gzipSync(Buffer.alloc(64 * MIB, ' '))
        const headers = { authorization, 'content-encoding': 'gzip', 'content-length': String(body.length) }
        return { headers, body }
      })(),
    ],
    // More than the target reads before it responds.
    ['chunks much too long', 401, inChunks(24 * MIB)],
  ]

  it.each(cases)('gets the answer to %s: %d', async (_what, status, sent) => {
    for (let time = 0; time < 3; time += 1) {
      const { statuses, error } = await writeThenRead(sent)
      expect({ statuses, error }).toEqual({ statuses: [status], error: undefined })
    }
  })

  it('gets the response to the request behind the body on the same connection', async () => {
    const behind = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    for (const sent of [withLength(4 * MIB), inChunks(4 * MIB)]) {
      for (const headers of [{}, { authorization }] as Record<string, string>[]) {
        const { statuses } = await writeThenRead({ ...sent, headers: { ...sent.headers, ...headers }, behind })
        expect(statuses).toEqual(['authorization' in headers ? 413 : 401, 200])
      }
    }
    const malformed = await writeThenRead({
      headers: { authorization, 'content-length': '1' },
      body: Buffer.from('{'),
      behind,
    })
    expect(malformed.statuses).toEqual([400, 200])
  })

  it('gets the headers of its rate limit', async () => {
    const sent = { ...withLength(4 * MIB), path: '/orders' }
    await writeThenRead({ ...sent, headers: { 'content-length': '2' }, body: Buffer.from('{}') })
    expect((await writeThenRead(sent)).statuses).toEqual([429])
  })

  it('is counted with a body that came while a fault held the request', async () => {
    const body = Buffer.alloc(1000, ' ')
    const sent = { path: '/auth/login', headers: { 'x-loadcell-run': 'held', 'content-length': '1000' }, body }
    expect((await writeThenRead(sent)).statuses).toEqual([503])
    expect(operation(await target.settledLedger('held'), 'auth.login')).toMatchObject({ bytesIn: 1000, aborted: 0 })
  })

  it('is counted with the bytes that it sent', async () => {
    const headers = { 'x-loadcell-run': 'bytes' }
    const sents = [withLength(3 * MIB), inChunks(3 * MIB)]
    for (const sent of sents) {
      await writeThenRead({ ...sent, headers: { ...sent.headers, ...headers } })
      await writeThenRead({ ...sent, headers: { ...sent.headers, ...headers, authorization } })
    }
    expect(operation(await target.settledLedger('bytes'), 'events.batch')).toMatchObject({
      bytesIn: 12 * MIB,
      statuses: { 401: 2, 413: 2 },
      aborted: 0,
    })
  })
})

describe('a client that waits in the middle of a body', () => {
  it.each([
    ['announced', 'Content-Length: 8000000\r\n', ''],
    ['in chunks', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n'],
  ])('is answered without the rest, %s, and the connection is closed', async (_what, header, begun) => {
    const socket = connect({ port: target.port, host: '127.0.0.1' })
    let answer = ''
    socket.on('data', chunk => (answer += chunk.toString()))
    socket.write(`POST /v1/events/batch HTTP/1.1\r\nHost: x\r\nX-Loadcell-Run: waits\r\n${header}\r\n${begun}`)
    await once(socket, 'end')
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer).toMatch(/^connection: close\r$/im)
    await closed(socket)
  })

  it('is counted once', async () => {
    expect(operation(await target.settledLedger('waits'), 'events.batch')).toMatchObject({
      arrivals: 2,
      statuses: { 401: 2 },
    })
    expect(operation(await target.settledLedger(), 'unmatched')?.statuses[408]).toBeUndefined()
  })
})

describe('a client that expects 100 Continue', () => {
  async function expectContinue(
    headers: Record<string, string>,
    body: string,
  ): Promise<[isContinued: boolean, status: number]> {
    const sent = request(`${target.url}/v1/events/batch`, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        expect: '100-continue',
        'content-length': String(body.length),
        ...headers,
      },
    })
    let isContinued = false
    sent.on('continue', () => {
      isContinued = true
      sent.end(body)
    })
    sent.on('error', () => {})
    sent.flushHeaders()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.resume()
    await once(response, 'close')
    sent.destroy()
    return [isContinued, response.statusCode ?? 0]
  }

  it('is told to go on only when its body is wanted', async () => {
    expect(await expectContinue({ authorization: writer }, '{"events":[]}')).toEqual([true, 400])
    expect(await expectContinue({ authorization: writer }, ' '.repeat(2 * MIB))).toEqual([false, 413])
    expect(await expectContinue({}, '{"events":[]}')).toEqual([false, 401])
  })
})

describe('what is not a request', () => {
  it('is answered although more bytes follow', async () => {
    for (let time = 0; time < 3; time += 1) {
      const { statuses, error } = await writeThenRead({ method: 'NONSENSE /', body: Buffer.alloc(8 * MIB, 'x') })
      expect({ statuses, error }).toEqual({ statuses: [400], error: undefined })
    }
  })

  it('includes frames behind a refused handshake', async () => {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
    for (const [version, status] of [
      ['13', 401],
      ['8', 401],
    ] as const) {
      const { statuses, error } = await writeThenRead({
        method: 'GET',
        path: '/ws/chat',
        headers: { ...upgrade, 'sec-websocket-version': version },
        body: Buffer.alloc(MIB),
      })
      expect({ statuses, error }).toEqual({ statuses: [status], error: undefined })
    }
  })
})
