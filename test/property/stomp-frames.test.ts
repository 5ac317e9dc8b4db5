import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { FrameError, FrameReader } from '../../contract/stomp/frame-reader.ts'
import { type StompVersion, stompVersions } from '../../contract/stomp/version.ts'
import { heartbeat, writeFrame } from '../../contract/stomp/write-frame.ts'

const limits = { headers: 20, headBytes: 4096, bodyBytes: 4096 }

const text = fc.string({ maxLength: 20, unit: 'binary' }).filter(value => value.isWellFormed() && !value.includes('\0'))
const frame = fc.record({
  command: fc.constantFrom('SEND', 'MESSAGE', 'ERROR'),
  headers: fc.dictionary(
    text.filter(name => name !== '' && name !== 'content-length'),
    text,
    { maxKeys: 6 },
  ),
  body: fc.string({ maxLength: 60, unit: 'binary' }).filter(value => value.isWellFormed()),
  beats: fc.nat(2),
})

/** Tells whether the version can write it: 1.1 has no escape of a carriage return, and 1.0 has none at all. */
function writable(value: string, version: StompVersion): boolean {
  if (version === '1.2') return true
  return version === '1.1' ? !value.includes('\r') : !/[\r\n:\\]/.test(value) && value === value.trim()
}

function read(bytes: Buffer, cuts: readonly number[], version: StompVersion) {
  const reader = new FrameReader(limits, version)
  const places = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  const frames = []
  let from = 0
  for (const to of [...places, bytes.length]) {
    // Sockets write their buffers again.
    const piece = Buffer.from(bytes.subarray(from, to))
    frames.push(...reader.read(piece))
    piece.fill(0xff)
    from = to
  }
  expect(reader.pendingBytes).toBe(0)
  return frames.map(({ command, headers, body }) => ({ command, headers: { ...headers }, body }))
}

it.each(stompVersions)('frames of STOMP %s are read as they were written, in whatever pieces they come', version => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 5 }), fc.array(fc.nat(2000), { maxLength: 30 }), (frames, cuts) => {
      const sent = frames.map(({ headers, ...rest }) => ({
        ...rest,
        headers: Object.fromEntries(
          Object.entries(headers).filter(([name, value]) => writable(name, version) && writable(value, version)),
        ),
      }))
      const bytes = Buffer.from(
        sent
          .map(each => heartbeat.repeat(each.beats) + writeFrame(each.command, each.headers, version, each.body))
          .join(''),
      )
      const length = (body: string) => (body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) })
      expect(read(bytes, cuts, version)).toEqual(
        sent.map(({ command, headers, body }) => ({ command, headers: { ...headers, ...length(body) }, body })),
      )
    }),
  )
})

it('any bytes are read or refused with a reason, and never kept beyond the limits', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
      fc
        .constantFrom('SEND\n', 'a:b\n', '\n', '\r\n', '\0', 'content-length:5\n', 'content-length:-1\n', 'x\\t:y\n')
        .map(part => Buffer.from(part)),
    ),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(pieces, fc.constantFrom(undefined, ...stompVersions), (all, version) => {
      const reader = new FrameReader(limits, version)
      try {
        for (const piece of all) {
          for (const { headers, bytes } of reader.read(piece)) {
            expect(Object.keys(headers).length).toBeLessThanOrEqual(limits.headers)
            expect(bytes.length).toBeLessThanOrEqual(limits.bodyBytes)
          }
          expect(reader.pendingBytes).toBeLessThanOrEqual(2 * (limits.bodyBytes + limits.headBytes + 200))
        }
      } catch (error) {
        if (!(error instanceof FrameError)) throw error
        expect(error.message).toMatch(/^expected /)
      }
    }),
  )
})
