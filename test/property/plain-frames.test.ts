import { isUtf8 } from 'node:buffer'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import * as ws from 'ws'
import { PlainFrames } from '../../harness/client/live/websocket/plain-frames.ts'

/** The reader of the library, which its types do not show. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: {
    isServer: boolean
    maxPayload: number
  }) => NodeJS.WritableStream & {
    on(event: string, listener: (...values: unknown[]) => void): unknown
  }
}

/** Notes all that came, in order: messages, pings, pongs, and a close or an error as the last. */
class Log {
  readonly entries: unknown[] = []
  readonly receiver = new Receiver({ isServer: false, maxPayload: 1 << 20 })
  isOver = false
  readByLibrary = 0

  constructor(onOver: () => void = () => {}) {
    for (const event of ['message', 'ping', 'pong']) this.receiver.on(event, () => (this.readByLibrary += 1))
    const add = (kind: string) => (value: unknown, more: unknown) =>
      this.entries.push([kind, Buffer.isBuffer(value) ? value.toString('latin1') : value, more])
    this.receiver.on('message', add('message'))
    this.receiver.on('ping', add('ping'))
    this.receiver.on('pong', add('pong'))
    this.receiver.on('conclude', (code, reason) => {
      this.isOver = true
      add('close')(reason, code)
      onOver()
    })
    this.receiver.on('error', error => {
      if (!this.isOver) add('error')((error as Error).message, undefined)
      this.isOver = true
      onOver()
    })
  }

  /** As the library does, which listens no more after a close or an error. */
  write(bytes: Buffer): void {
    if (!this.isOver) this.receiver.write(Buffer.from(bytes))
  }
}

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...places, bytes.length].map((to, at) => bytes.subarray(places[at - 1] ?? 0, to))
}

async function reference(bytes: Buffer, cuts: readonly number[]): Promise<unknown[]> {
  const log = new Log()
  for (const piece of pieces(bytes, cuts)) {
    log.write(piece)
    await settle()
  }
  return log.entries
}

async function read(bytes: Buffer, cuts: readonly number[]): Promise<{ entries: unknown[]; taken: number }> {
  let taken = 0
  const log: Log = new Log(() => frames.end())
  const taker = {
    get readByLibrary() {
      return log.readByLibrary
    },
    /** Takes the bytes of some messages, those with an even sum. */
    plain(chunk: Buffer, start: number, end: number) {
      const bytes = chunk.subarray(start, end)
      if (!isUtf8(bytes) || bytes.reduce((sum, octet) => sum + octet, 0) % 2 === 1) return false
      taken += 1
      log.entries.push(['message', bytes.toString('latin1'), false])
      return true
    },
    text(text: string) {
      taken += 1
      log.entries.push(['message', Buffer.from(text).toString('latin1'), false])
    },
    done() {},
  }
  const frames: PlainFrames = new PlainFrames(taker, rest => log.write(rest))
  for (const piece of pieces(bytes, cuts)) {
    const copy = Buffer.from(piece)
    frames.read(copy)
    copy.fill(0xff)
    await settle()
  }
  return { entries: log.entries, taken }
}

function frame(first: number, payload: Buffer, masked = 0): Buffer {
  const { length } = payload
  if (length < 126) return Buffer.concat([Buffer.from([first, masked | length]), payload])
  const head = Buffer.alloc(length < 0x1_0000 ? 4 : 10)
  head[0] = first
  head[1] = masked | (length < 0x1_0000 ? 126 : 127)
  if (length < 0x1_0000) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

const text = fc
  .oneof(fc.string({ maxLength: 40 }), fc.string({ maxLength: 20, unit: 'binary' }))
  .map(value => Buffer.from(value))
const long = fc.integer({ min: 100, max: 70_000 }).map(length => Buffer.alloc(length, 'x'))
const frames = fc.oneof(
  { weight: 6, arbitrary: text.map(payload => frame(0x81, payload)) },
  { weight: 2, arbitrary: long.map(payload => frame(0x81, payload)) },
  { weight: 1, arbitrary: long.map(payload => frame(0x82, payload)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map(payload => frame(0x82, Buffer.from(payload))) },
  { weight: 1, arbitrary: fc.constantFrom(frame(0x89, Buffer.from('hi')), frame(0x8a, Buffer.alloc(0))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(text, text, fc.boolean())
      .map(([one, two, isPinged]) =>
        Buffer.concat([frame(0x01, one), isPinged ? frame(0x89, Buffer.from('p')) : Buffer.alloc(0), frame(0x80, two)]),
      ),
  },
)
const flawed = fc.oneof(
  { weight: 8, arbitrary: frames },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      frame(0x88, Buffer.from([3, 232])),
      frame(0x88, Buffer.alloc(0)),
      frame(0x01, Buffer.from('open')),
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map(payload => frame(0x81, Buffer.from(payload))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map(bytes => Buffer.from(bytes)) },
  { weight: 1, arbitrary: text.map(payload => frame(0x81, payload, 0x80)) },
)
const cuts = fc.array(fc.nat(200_000), { maxLength: 5 })

it('frames are read as the library reads them, however their bytes are split', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frames, { maxLength: 8 }), cuts, async (list, places) => {
      const bytes = Buffer.concat(list)
      expect((await read(bytes, places)).entries).toEqual(await reference(bytes, places))
    }),
    { numRuns: 400 },
  )
})

it('flawed frames and close frames have the effect that they have with the library', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(flawed, { maxLength: 8 }), cuts, async (list, places) => {
      const bytes = Buffer.concat(list)
      expect((await read(bytes, places)).entries).toEqual(await reference(bytes, places))
    }),
    { numRuns: 1000 },
  )
})

it('frames split at each of their bytes are read as the library reads them', async () => {
  const bytes = Buffer.concat([
    frame(0x81, Buffer.from('{"a":1}')),
    frame(0x89, Buffer.from('p')),
    frame(0x81, Buffer.alloc(130, 'y')),
    frame(0x01, Buffer.from('é')),
    frame(0x80, Buffer.from('z')),
    frame(0x81, Buffer.from('é')),
    frame(0x88, Buffer.from([3, 232])),
  ])
  const expected = await reference(bytes, [])
  for (let at = 0; at <= bytes.length; at += 1)
    expect((await read(bytes, [at])).entries, `split at ${at}`).toEqual(expected)
})

it('whole frames of text do not reach the library', async () => {
  const whole = [Buffer.from('a'), Buffer.from('é'), Buffer.alloc(0), Buffer.alloc(300, 'x')].map(each =>
    frame(0x81, each),
  )
  expect((await read(Buffer.concat([...whole, frame(0x89, Buffer.alloc(0)), ...whole]), [])).taken).toBe(8)
})
