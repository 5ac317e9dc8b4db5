import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventScanner } from '../../harness/delivery/event-scanner.ts'

const fields = ['stream', 'source', 'partition', 'offset', 'timestamp'] as const
type Fields = Partial<Record<(typeof fields)[number], unknown>>

/** Scans a text in the middle of other bytes. Returns what it found; undefined if it leaves the text to a parser. */
function scan(text: string, scanner = new EventScanner()): Fields | undefined {
  const bytes = Buffer.from(text)
  const around = Buffer.concat([Buffer.from('{"a":'), bytes, Buffer.from('\n\n}]",')])
  if (!scanner.scan(around, 5, 5 + bytes.length)) return undefined
  return Object.fromEntries(fields.map(name => [name, scanner[name]]))
}

/** Reads it with `JSON.parse`: its fields if it is an object, else undefined. */
function parse(text: string): Fields | undefined {
  try {
    const value = JSON.parse(text) as Fields | null
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.fromEntries(fields.map(name => [name, Object.hasOwn(value, name) ? value[name] : undefined]))
  } catch {
    return undefined
  }
}

/** Expects that an accepted text has the fields that a parser finds. */
function expectSound(text: string): void {
  const scanned = scan(text)
  if (scanned !== undefined) expect(scanned, text).toEqual(parse(text))
}

const key = fc.oneof(
  fc.constantFrom(...fields, '__proto__', 'data', 'streams', 'offsets', ''),
  fc.string({ maxLength: 9 }),
)
const event = fc.dictionary(key, fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.nat(), fc.string()), { maxKeys: 8 })
const OCTETS = '{}[],:"\\ \t-+.019eEa\u00e9\u007f'
const FIELDS_OF_JSON = ['"a":', '"offset":', '"stream":"s"', '"offset":7', '"timestamp":1.5']
/** Pieces of JSON in any order: texts that are nearly JSON, and a few that are. */
const pieces = fc
  .array(fc.constantFrom(...OCTETS.split(''), 'true', 'false', 'null', '{}', '[]', '[1,', '""', ...FIELDS_OF_JSON), {
    maxLength: 16,
  })
  .map(parts => `{${parts.join('')}}`)

describe('a scanned event has the fields that a parser finds', () => {
  it('in objects of any content, with and without spaces', () => {
    fc.assert(
      fc.property(event, fc.constantFrom(undefined, 1), (value, spaces) => {
        const text = JSON.stringify(value)
        expectSound(text)
        expectSound(spaces === undefined ? text : text.replaceAll(',', ' , ').replaceAll(':', ': '))
      }),
      { numRuns: 2000 },
    )
  })

  it('in texts that are nearly JSON', () => {
    fc.assert(fc.property(pieces, expectSound), { numRuns: 5000 })
  })

  it('in events with one octet changed, removed or added', () => {
    const text =
      '{"stream":"orders","data":{"n":[1,-2.5e+3,{}],"ok":true},"partition":3,"offset":120,"timestamp":"2026"}'
    for (let at = 0; at <= text.length; at += 1) {
      expectSound(text.slice(0, at))
      expectSound(text.slice(0, at) + text.slice(at + 1))
      for (const octet of '{}[]",:\\ 0-.e\n\u0000') {
        expectSound(text.slice(0, at) + octet + text.slice(at))
        expectSound(text.slice(0, at) + octet + text.slice(at + 1))
      }
    }
  })

  it('in one event after the other, of which no field remains', () => {
    const scanner = new EventScanner()
    const texts = fc.array(
      event.map(value => JSON.stringify(value)),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(texts, all => {
        for (const text of all) {
          const scanned = scan(text, scanner)
          if (scanned !== undefined) expect(scanned, text).toEqual(parse(text))
        }
      }),
    )
  })
})

describe('the events of a target need no parser', () => {
  const target = {
    event_type: 'order.created',
    event_id: 'e-1',
    source: 'bench',
    timestamp: 1764459996123,
    partition_key: null,
    data: { order_id: 'o-1001', items: [{ sku: 'a', quantity: 2, unit_price: 19.99 }, {}], total: -44.25, tags: [] },
    stream: 'orders',
    partition: 3,
    offset: 999_999_999_999_999,
    published_at: 1764459996123.25,
  }

  it.each([
    ['as they are', JSON.stringify(target)],
    ['with spaces', JSON.stringify(target).replaceAll('":', '": ').replaceAll(',"', ', "')],
    ['with a timestamp as text', JSON.stringify({ ...target, timestamp: '2026-11-29T12:00:00Z' })],
    ['with fields that come twice', `{"offset":1,"stream":"a",${JSON.stringify(target).slice(1)}`],
    ['without any field', '{}'],
  ])('%s', (_how, text) => {
    expect(scan(text)).toEqual(parse(text))
  })

  it.each([
    ['escapes', '{"stream":"a\\u0041"}'],
    ['a name with an escape', '{"o\\u0066fset":1}'],
    ['other characters than ASCII', '{"stream":"é"}'],
    ['an offset that is no whole number', '{"offset":1.5}'],
    ['an offset that is too long', `{"offset":${'9'.repeat(16)}}`],
    ['a partition of another type', '{"partition":"3"}'],
    ['a stream that is an object', '{"stream":{}}'],
    ['deep nesting', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['a list', '[1]'],
  ])('but a parser reads %s', (_what, text) => {
    expect(scan(text)).toBeUndefined()
  })
})
