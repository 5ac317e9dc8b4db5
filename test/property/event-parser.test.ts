import * as fc from 'fast-check'
import { createParser } from 'eventsource-parser'
import { expect, it } from 'vitest'
import { EventParser } from '../../harness/client/live/sse/event-parser.ts'

interface Seen {
  what: 'message' | 'id' | 'retry'
  type?: string
  id?: string
  data?: string
  retryMs?: number
}

/** Reads with the library alone. */
function reference(text: string): Seen[] {
  const seen: Seen[] = []
  let last = ''
  const parser = createParser({
    onId: id => seen.push({ what: 'id', id: (last = id) }),
    onEvent: ({ event: type = 'message', data }) => seen.push({ what: 'message', type, id: last, data }),
    onRetry: retryMs => seen.push({ what: 'retry', retryMs }),
  })
  parser.feed(text)
  return seen
}

/** Reads pieces of bytes, each of which is overwritten afterwards. Data that is said to be in them must be there. */
function read(bytes: Buffer, cuts: readonly number[]): Seen[] {
  const seen: Seen[] = []
  const parser = new EventParser(
    {
      lastEventId: id => seen.push({ what: 'id', id }),
      message: ({ type, id, data }, place) => {
        seen.push({ what: 'message', type, id, data })
        if (place !== undefined) expect(place.bytes.toString('latin1', place.start, place.end)).toBe(data)
      },
      retry: retryMs => seen.push({ what: 'retry', retryMs }),
    },
    '',
  )
  const places = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const to of [...places, bytes.length]) {
    const piece = Buffer.from(bytes.subarray(from, to))
    parser.read(piece)
    piece.fill(0x21)
    from = to
  }
  return seen
}

const line = fc.oneof(
  fc.constantFrom(
    'data',
    'data:',
    'data: ',
    'event:',
    'event',
    'id:',
    'id',
    'retry: 12',
    'retry: x',
    ':',
    'datax: 1',
    ' data: 1',
  ),
  fc.constantFrom(
    'data: {"a":1}',
    'data:b',
    'id: 7',
    'event: add',
    ': comment',
    'Data: x',
    'id: a\0b',
    'data: é',
    '\ufeffdata: a',
  ),
  fc.tuple(fc.constantFrom('data: ', 'id: ', 'event: ', ''), fc.string({ maxLength: 8 })).map(parts => parts.join('')),
)
const stream = fc
  .tuple(
    fc.constantFrom('', '\ufeff'),
    fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\n\n', '\n\n', '\r\n', '\r', '\r\n\r\n'))),
  )
  .map(([mark, lines]) => mark + lines.map(parts => parts.join('')).join(''))
/** Only line feeds and ASCII, which are read in place. */
const plain = fc
  .array(
    fc.tuple(
      fc.constantFrom('data: {"a":1}', 'data:b', 'id: 7', 'event: add', 'id:', 'event:', ': comment', ''),
      fc.constantFrom('\n', '\n\n'),
    ),
  )
  .map(lines => lines.map(parts => parts.join('')).join(''))
const cuts = fc.array(fc.nat(400), { maxLength: 6 })

it('a stream is read as the library reads it, wherever its bytes are split', () => {
  fc.assert(
    fc.property(fc.oneof(stream, plain), cuts, (text, places) => {
      const bytes = Buffer.from(text)
      expect(read(bytes, places)).toEqual(reference(bytes.toString()))
    }),
    { numRuns: 4000 },
  )
})

it('a stream is read as the library reads it, split at each of its bytes', () => {
  const text =
    'data: x\n\nid: 1\nevent: a\ndata: {"a":"b"}\n\n: c\n\ndata: 1\ndata: 2\n\nretry: 5\nid: é\ndata: é\r\n\r\nid\ndata\n\ndata: z\n\n'
  const bytes = Buffer.from(text)
  const expected = reference(text)
  for (let first = 0; first <= bytes.length; first += 1) {
    for (let second = first; second <= bytes.length; second += 1) {
      const seen = read(bytes, [first, second])
      if (JSON.stringify(seen) !== JSON.stringify(expected))
        expect(seen, `split at ${first} and ${second}`).toEqual(expected)
    }
  }
})

it('the bytes of plain events are handed on', () => {
  const places: number[] = []
  const listener = {
    lastEventId() {},
    retry() {},
    message: (_: unknown, place?: { start: number }) => void places.push(place?.start ?? -1),
  }
  new EventParser(listener, '').read(Buffer.from('data: a\n\nid: 1\ndata: b\n\ndata:c\n\n'))
  expect(places).toEqual([-1, 21, 29])
})
