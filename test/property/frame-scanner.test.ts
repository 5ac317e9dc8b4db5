import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EventFrames, eventFrames, nameFrom } from '../../harness/delivery/event-frames.ts'
import { type AccountedFrame, FrameScanner, scannerOf } from '../../harness/delivery/frame-scanner.ts'
import type { ParsedFrame } from '../../harness/delivery/graphql-payload.ts'

const protocols = Object.entries(eventFrames).filter(([, { scanned }]) => scanned !== undefined)
const scannerFor = (frames: EventFrames) => new FrameScanner(frames, frames.scanned!)

/** Returns what accounts read of a frame. */
function accounted(frames: EventFrames, frame: ParsedFrame): AccountedFrame {
  const { type, op, sequence, [frames.key]: key } = frame
  const { timestamp, within } = frames.scanned!
  const holder = within === undefined ? frame : (frame[within] as ParsedFrame | null | undefined)
  const at = timestamp === undefined ? undefined : holder?.[timestamp]
  return {
    type: nameFrom(type ?? op),
    key: nameFrom(key),
    sequence: Number.isInteger(sequence) ? (sequence as number) : undefined,
    // A time of another type counts as none.
    happenedAt: typeof at === 'number' ? at : undefined,
  }
}

/** Scans a text in the middle of other bytes. Returns what it found; undefined if it leaves the text to a parser. */
function scan(frames: EventFrames, text: string, scanner = scannerFor(frames)): AccountedFrame | undefined {
  const bytes = Buffer.from(text)
  const around = Buffer.concat([Buffer.from('{"a":'), bytes, Buffer.from('"}]",')])
  if (!scanner.scan(around, 5, 5 + bytes.length)) return undefined
  const { type, key, sequence, happenedAt } = scanner
  return { type, key, sequence, happenedAt }
}

function parse(frames: EventFrames, text: string): AccountedFrame | undefined {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const own = Object.fromEntries(Object.entries(value))
    const { type, op } = own
    const { within } = frames.scanned!
    if (within !== undefined && typeof own[within] === 'object' && own[within] !== null)
      own[within] = Object.fromEntries(Object.entries(own[within]))
    return Object.hasOwn(frames.turns, String(type ?? op)) ? undefined : accounted(frames, own)
  } catch {
    return undefined
  }
}

/** Expects that an accepted text has the fields that a parser finds. */
function expectSound(frames: EventFrames, text: string, scanner?: FrameScanner): void {
  const scanned = scan(frames, text, scanner)
  if (scanned !== undefined) expect(scanned, text).toEqual(parse(frames, text))
}

const names = [
  'type',
  'op',
  'channel',
  'topic',
  'symbol',
  'documentId',
  'sequence',
  'sentAt',
  'created_at',
  'ts',
  'message',
]
const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '') },
  { weight: 1, arbitrary: fc.string({ maxLength: 9 }) },
)
const plain = fc.oneof(
  fc.nat(),
  fc.constantFrom('message_delivered', 'quote', 'subscribed', 'snapshot', '__proto__', 'constructor'),
  fc.jsonValue({ maxDepth: 2 }),
)
const inner = fc.array(fc.tuple(key, plain), { maxLength: 4 })
/** Objects of JSON in which a name may come twice, and in which `message` is often an object. */
const objects = fc
  .array(
    fc.tuple(
      key,
      fc.oneof(
        plain.map(value => JSON.stringify(value)),
        inner.map(textOf),
      ),
    ),
    { maxLength: 7 },
  )
  .map(fields => `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`)

function textOf(fields: readonly (readonly [string, unknown])[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

describe.each(protocols)('a scanned frame of %s has the fields that a parser finds', (_operation, frames) => {
  it('in objects of any content, with names that come twice', () => {
    fc.assert(
      fc.property(objects, fc.boolean(), (text, isSpaced) =>
        expectSound(frames, isSpaced ? text.replaceAll(',', ' , ').replaceAll(':', ': ') : text),
      ),
      { numRuns: 2000 },
    )
  })

  it('in one frame after the other, of which no field remains', () => {
    const scanner = scannerFor(frames)
    fc.assert(
      fc.property(fc.array(objects, { maxLength: 6 }), texts => {
        for (const text of texts) expectSound(frames, text, scanner)
      }),
      { numRuns: 300 },
    )
  })

  it('in a frame with one octet changed, removed or added', () => {
    const text = '{"type":"quote","channel":"c","message":{"sentAt":17,"n":[{}]},"sequence":120,"ts":5}'
    for (let at = 0; at <= text.length; at += 1) {
      expectSound(frames, text.slice(0, at))
      expectSound(frames, text.slice(0, at) + text.slice(at + 1))
      for (const octet of '{}[]",:\\ 0-.e\n\u0000é') {
        expectSound(frames, text.slice(0, at) + octet + text.slice(at))
        expectSound(frames, text.slice(0, at) + octet + text.slice(at + 1))
      }
    }
  })
})

describe('the frames of a target need no parser', () => {
  it.each([
    [
      'sockets.chat',
      {
        type: 'message_delivered',
        channel: 'room:1',
        sequence: 7,
        message: { id: 'm', text: 'hi', sentAt: 1764459996123 },
      },
      { type: 'message_delivered', key: 'room:1', sequence: 7, happenedAt: 1764459996123 },
    ],
    [
      'sockets.notifications',
      {
        type: 'order_update',
        order_id: 'o',
        topic: 'account.1.orders',
        id: 'n',
        sequence: 3,
        created_at: 1764459996123,
      },
      { type: 'order_update', key: 'account.1.orders', sequence: 3, happenedAt: 1764459996123 },
    ],
    [
      'sockets.quotes',
      { type: 'quote', symbol: 'AAPL', bid: 1.25, ask: -2e-7, sequence: 9, ts: 1764459996123 },
      { type: 'quote', key: 'AAPL', sequence: 9, happenedAt: 1764459996123 },
    ],
    [
      'sockets.collaboration',
      { type: 'operation_applied', documentId: 'd', sequence: 2, operation: { type: 'delete_text', position: 1 } },
      { type: 'operation_applied', key: 'd', sequence: 2 },
    ],
  ] as const)('%s', (operation, frame, expected) => {
    expect(scan(eventFrames[operation], JSON.stringify(frame))).toEqual(expected)
  })

  it.each([
    ['escapes', '{"type":"a\\u0041"}'],
    ['other characters than ASCII', '{"type":"é"}'],
    ['a channel that is a number', '{"channel":5}'],
    ['a sequence that is no whole number', '{"sequence":1.5}'],
    ['a time with a fraction', '{"message":{"sentAt":1.5}}'],
    ['two messages', '{"message":{"sentAt":1},"message":5}'],
    ['the start of a sequence', '{"type":"subscription_confirmed","channel":"c","sequence":1}'],
    ['a list', '[1]'],
  ])('but a parser reads %s', (_what, text) => {
    expect(scan(eventFrames['sockets.chat'], text)).toBeUndefined()
  })

  it('and a protocol with an envelope of its own needs one', () => {
    expect(scannerOf(eventFrames['graphql.subscribe'])).toBeUndefined()
    expect(scannerOf(eventFrames['sockets.chat'])).toBe(scannerOf(eventFrames['sockets.chat']))
  })
})
