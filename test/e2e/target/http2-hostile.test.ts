import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { answerOf, secureTarget } from './secure.ts'

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const [DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION] = [0, 1, 3, 4, 6, 7, 9] as const
const END_STREAM = 1
const END_HEADERS = 4
const ENHANCE_YOUR_CALM = 11

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** `:method GET`, `:scheme https`, `:path /`, and `:authority a`, from the static table of HPACK. */
const GET = Buffer.from([0x82, 0x87, 0x84, 0x41, 0x01, 0x61])

/** The same for `/products/1`, whose path is no entry of that table. */
const GET_PRODUCT = Buffer.concat([Buffer.from([0x82, 0x87, 0x41, 0x01, 0x61, 0x04, 0x0b]), Buffer.from('/products/1')])

/** Returns the codes of the GOAWAY frames in what was received. */
function goaways(bytes: Buffer): number[] {
  const codes: number[] = []
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes[at + 3] === GOAWAY && at + 17 <= bytes.length) codes.push(bytes.readUInt32BE(at + 13))
  }
  return codes
}

describe('over HTTP/2 a target bounds what a client can make it do:', async () => {
  const target = await secureTarget({
    'faults.rules': JSON.stringify([
      { id: 'slow', match: { path: '/' }, fault: { type: 'delay', distribution: '5s' } },
    ]),
    'http2.resets': '50',
    'http2.controlFrames': '50',
    'http2.streams': '10',
  })

  /** Opens a connection, and resolves with everything received once it is over. */
  async function attack(write: (socket: TLSSocket) => void): Promise<Buffer> {
    const socket = await target.secured({ ALPNProtocols: ['h2'] })
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.write(PREFACE)
    socket.write(frame(SETTINGS, 0, 0))
    write(socket)
    if (!socket.closed) await once(socket, 'close')
    return Buffer.concat(chunks)
  }

  async function ended(reason: string): Promise<number> {
    return target.metric(`loadcell_http2_connections_ended_total{reason="${reason}"}`)
  }

  it('rapid resets end the connection with ENHANCE_YOUR_CALM, and are counted', async () => {
    const before = await ended('rapid_reset')
    const received = await attack(socket => {
      for (let stream = 1; stream < 2000; stream += 2) {
        socket.write(frame(HEADERS, END_HEADERS | END_STREAM, stream, GET))
        socket.write(frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8])))
      }
    })
    expect(goaways(received)).toContain(ENHANCE_YOUR_CALM)
    expect(await ended('rapid_reset')).toBe(before + 1)
  })

  it.each([
    ['PING', frame(PING, 0, 0, Buffer.alloc(8))],
    ['SETTINGS', frame(SETTINGS, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0]))],
  ])('a flood of %s ends it too', async (_name, flooding) => {
    const before = await ended('control_frames')
    const received = await attack(socket => {
      for (let count = 0; count < 200; count += 1) socket.write(flooding)
    })
    expect(goaways(received)).toContain(ENHANCE_YOUR_CALM)
    expect(await ended('control_frames')).toBe(before + 1)
  })

  it('a header block of endless CONTINUATION frames ends it', async () => {
    const before = await ended('protocol')
    await attack(socket => {
      socket.write(frame(HEADERS, END_STREAM, 1, GET))
      for (let count = 0; count < 1000 && !socket.destroyed; count += 1) {
        socket.write(frame(CONTINUATION, 0, 1, Buffer.from([0x00, 0x01, 0x61, 0x01, 0x62])))
      }
    })
    expect(await ended('protocol')).toBe(before + 1)
  })

  it('bytes that are no HTTP/2 end it', async () => {
    const before = await ended('protocol')
    await attack(socket => socket.write(Buffer.alloc(500, 0xff)))
    expect(await ended('protocol')).toBe(before + 1)
  })

  it('headers over the limit get a 431, and a bomb of HPACK gets no answer; the connection serves others', async () => {
    const session = target.session()
    await once(session, 'remoteSettings')
    const long = { ':path': '/healthz', 'x-long': 'a'.repeat(20_000) }
    expect(await answerOf(session, long)).toMatchObject({ status: 431 })
    // A name and value of 4 KB that is sent once and repeated by its index.
    const bomb = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`x-${at}`, 'b'.repeat(4000)]))
    const answer = await answerOf(session, { ':path': '/healthz', ...bomb })
    expect(answer.status).toBe(0)
    expect(await answerOf(target.session(), { ':path': '/healthz' })).toMatchObject({ status: 200 })
  })

  it('a method that does not exist gets a 405, and is counted', async () => {
    const session = target.session()
    // It makes sure that there is an account.
    await answerOf(session, { ':method': 'TRACE', ':path': '/nothing' })
    const before = (await target.account('unmatched')).statuses['405'] ?? 0
    for (const method of ['get', 'FOO']) {
      const { status, headers, text } = await answerOf(session, { ':method': method, ':path': '/products/1' })
      expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: expect.stringContaining('GET, HEAD') })
      expect(JSON.parse(text)).toMatchObject({ code: 'method_not_allowed', detail: expect.stringContaining(method) })
    }
    expect((await target.account('unmatched')).statuses['405']).toBe(before + 2)
    expect(await answerOf(session, { ':method': 'FOO', ':path': '/_loadcell/ledger' })).toMatchObject({ status: 405 })
    expect((await target.account('unmatched')).statuses['405']).toBe(before + 2)
  })

  it('more streams than it allows are refused, and the others are answered', async () => {
    const received = await attack(socket => {
      for (let stream = 1; stream < 61; stream += 2) socket.write(frame(HEADERS, END_HEADERS, stream, GET_PRODUCT))
      setTimeout(() => socket.end(), 300)
    })
    const resets = [...received.entries()].filter(
      ([at]) => received[at + 3] === RST_STREAM && received.readUIntBE(at, 3) === 4 && received[at + 4] === 0,
    )
    expect(resets.length).toBeGreaterThanOrEqual(20)
    expect(received.includes(Buffer.from([DATA]))).toBe(true)
  })

  it('a client that never opens its window holds no more than its answer, and is let go', async () => {
    const socket = await target.secured({ ALPNProtocols: ['h2'] })
    socket.on('error', () => {})
    socket.resume()
    const noWindow = Buffer.from([0, 4, 0, 0, 0, 0])
    socket.write(PREFACE)
    socket.write(frame(SETTINGS, 0, 0, noWindow))
    for (let stream = 1; stream < 11; stream += 2)
      socket.write(frame(HEADERS, END_HEADERS | END_STREAM, stream, GET_PRODUCT))
    await expect.poll(async () => (await target.ledger()).open.requests).toBe(5)
    socket.destroy()
    await expect.poll(async () => (await target.ledger()).open.requests).toBe(0)
  })
})
