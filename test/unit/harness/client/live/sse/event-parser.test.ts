import { describe, expect, test } from 'vitest'
import {
  EventParser,
  EventTooLong,
  type StreamMessage,
} from '../../../../../../harness/client/live/sse/event-parser.ts'

interface Parsed {
  messages: StreamMessage[]
  ids: string[]
  retries: number[]
}

function parse(chunks: string[], lastEventId = ''): Parsed {
  const parsed: Parsed = { messages: [], ids: [], retries: [] }
  const parser = new EventParser(
    {
      message: message => parsed.messages.push(message),
      lastEventId: id => parsed.ids.push(id),
      retry: retryMs => parsed.retries.push(retryMs),
    },
    lastEventId,
  )
  for (const chunk of chunks) parser.feed(chunk)
  return parsed
}

const shown = ({ messages }: Parsed) => messages.map(({ type, id, data }) => [type, id, data])

describe('an event stream is read as the standard says', () => {
  const cases: [string, string, string[][]][] = [
    ['several lines of data', 'data: YHOO\ndata: +2\ndata: 10\n\n', [['message', '', 'YHOO\n+2\n10']]],
    [
      'empty data',
      'data\n\ndata:\n\ndata\ndata\n\n',
      [
        ['message', '', ''],
        ['message', '', ''],
        ['message', '', '\n'],
      ],
    ],
    ['an event without data is none', 'event: ping\nid: 1\n\ndata: a\n\n', [['message', '1', 'a']]],
    [
      'a type is of one event',
      'event: add\ndata: a\n\ndata: b\n\n',
      [
        ['add', '', 'a'],
        ['message', '', 'b'],
      ],
    ],
    [
      'only one space is left out',
      'data:  a \n\ndata:b\n\n',
      [
        ['message', '', ' a '],
        ['message', '', 'b'],
      ],
    ],
    [
      'ids persist',
      'id: 1\ndata: a\n\ndata: b\n\n',
      [
        ['message', '1', 'a'],
        ['message', '1', 'b'],
      ],
    ],
    [
      'an empty id resets',
      'id: 1\ndata: a\n\nid\ndata: b\n\n',
      [
        ['message', '1', 'a'],
        ['message', '', 'b'],
      ],
    ],
    [
      'an id with NUL is ignored',
      'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
      [
        ['message', '1', 'a'],
        ['message', '1', 'b'],
      ],
    ],
    ['comments and unknown fields', ': hi\nfoo: bar\ndata : x\ndata: a\n:\n\n', [['message', '', 'a']]],
    ['what is not ended is no event', 'data: a\n\ndata: b\n', [['message', '', 'a']]],
    ['a byte order mark', '\ufeffdata: a\n\n\ufeffdata: b\n\n', [['message', '', 'a']]],
    ['a colon in the data', 'data: a: b\n\n', [['message', '', 'a: b']]],
    ['a field name in capitals is unknown', 'Data: a\nDATA: b\ndata: c\n\n', [['message', '', 'c']]],
  ]

  test.each(cases)('%s', (_what, text, expected) => {
    expect(shown(parse([text]))).toEqual(expected)
  })

  test.each(cases)('%s, with every line end, split everywhere', (_what, text, expected) => {
    for (const lineEnd of ['\n', '\r\n', '\r']) {
      const stream = text.replaceAll('\n', lineEnd)
      expect(shown(parse(stream.split(''))), JSON.stringify(stream)).toEqual(expected)
      for (let at = 1; at < stream.length; at += 1) {
        expect(shown(parse([stream.slice(0, at), stream.slice(at)])), `${JSON.stringify(stream)} at ${at}`).toEqual(
          expected,
        )
      }
    }
  })

  test('line ends may differ, and an id needs no data', () => {
    const { messages, ids } = parse(['id: 7\r\r\ndata: a\r\n\rid: 8\n\n'])
    expect(messages).toEqual([{ type: 'message', id: '7', data: 'a' }])
    expect(ids).toEqual(['7', '8'])
  })

  test('a parser continues from an id, and retry accepts digits only', () => {
    const { messages, retries } = parse(['retry: 500\nretry: 1.5\nretry: -1\nretry:\nretry: 0\ndata: a\n\n'], 'c1')
    expect({ messages, retries }).toEqual({ messages: [{ type: 'message', id: 'c1', data: 'a' }], retries: [500, 0] })
  })

  test.each([
    ['one line', (chunk: string) => chunk],
    ['one comment', (chunk: string) => `:${chunk}`],
    ['one line of data', (chunk: string) => `data:${chunk}`],
    ['many lines', (chunk: string) => `data: ${chunk}\n`],
    ['many lines without data', (chunk: string) => `data: ${chunk}\n: comment\n`],
  ])('%s without an end are an error, and are not kept', (_what, lineOf) => {
    const chunk = lineOf('x'.repeat(64 * 1024))
    expect(() => parse(Array<string>(200).fill(chunk))).toThrow(EventTooLong)
  })

  test('a long event that ends is delivered', () => {
    const { messages } = parse([
      ...Array<string>(100)
        .fill('x'.repeat(64 * 1024))
        .map((part, at) => (at === 0 ? `data:${part}` : part)),
      '\n\n',
    ])
    expect(messages[0]?.data).toHaveLength(100 * 64 * 1024)
  })
})
