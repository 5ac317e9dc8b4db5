import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import type { ApiOperation } from '../api/documented.ts'
import { fitting, hostileText, hostileValue, mutated } from './values.ts'

/** A body with the headers that describe it. */
export interface DrawnBody {
  headers: Record<string, string>
  bytes: Buffer
}

export const noBody: DrawnBody = { headers: {}, bytes: Buffer.alloc(0) }

export function fittingBody({ body }: ApiOperation): fc.Arbitrary<DrawnBody> {
  if (body === undefined) return fc.constant(noBody)
  const whole = valuesOf(body).map(value => encoded(value, body.mediaType))
  return body.required ? whole : fc.oneof(whole, fc.constant(noBody))
}

/** Small when compressed, and far over every limit when decompressed. */
const bomb = gzipSync(Buffer.alloc(10_000_000))

/** A body with one error: in its content, its encoding or its headers. */
export function nearlyFittingBody({ body }: ApiOperation): fc.Arbitrary<DrawnBody> {
  if (body === undefined) return hostileBody
  return valuesOf(body).chain(value =>
    fc.oneof(
      { weight: 3, arbitrary: mutated(value).map(other => encoded(other, body.mediaType)) },
      { weight: 2, arbitrary: damaged(encoded(value, body.mediaType)) },
    ),
  )
}

/** Any JSON, or any bytes. */
export const hostileBody: fc.Arbitrary<DrawnBody> = fc.oneof(
  hostileValue.map(value => encoded(value, 'application/json')),
  fc.constantFrom(...hostileTexts()).map(text => asJson(Buffer.from(text))),
  fc.uint8Array({ maxLength: 200 }).map(bytes => asJson(Buffer.from(bytes))),
)

function hostileTexts(): string[] {
  return [
    '['.repeat(20_000),
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
    `{"a":${'{"a":'.repeat(2000)}1${'}'.repeat(2001)}`,
    '{"a":1e99999}',
    `{"n":${'9'.repeat(1000)}}`,
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"title":"a","title":"b"}',
    '\uFEFF{}',
    'NaN',
    '"',
    '{"a":"\\ud800"}',
  ]
}

function valuesOf({ schema, examples }: NonNullable<ApiOperation['body']>): fc.Arbitrary<unknown> {
  const given = Object.values(examples)
  return given.length === 0 ? fitting(schema) : fc.oneof(fc.constantFrom(...given), fitting(schema))
}

export function encoded(value: unknown, mediaType: string): DrawnBody {
  const headers = { 'Content-Type': mediaType }
  if (mediaType === 'application/json') return { headers, bytes: Buffer.from(JSON.stringify(value)) }
  const fields = Object.entries(typeof value === 'object' && value !== null ? value : { value })
  const texts = fields.map(([name, field]) => [name, typeof field === 'string' ? field : JSON.stringify(field)])
  return { headers, bytes: Buffer.from(new URLSearchParams(texts as [string, string][]).toString()) }
}

function asJson(bytes: Buffer): DrawnBody {
  return { headers: { 'Content-Type': 'application/json' }, bytes }
}

function damaged({ headers, bytes }: DrawnBody): fc.Arbitrary<DrawnBody> {
  const packed = { ...headers, 'Content-Encoding': 'gzip' }
  return fc.oneof(
    fc.nat(bytes.length).map(at => ({ headers, bytes: bytes.subarray(0, at) })),
    fc
      .tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255))
      .map(([at, byte]) => ({ headers, bytes: withByte(bytes, at, byte) })),
    fc.constantFrom<DrawnBody>(
      { headers: packed, bytes },
      { headers: packed, bytes: gzipSync(bytes) },
      { headers: packed, bytes: gzipSync(bytes).subarray(0, 12) },
      { headers: packed, bytes: bomb },
      { headers: { ...headers, 'Content-Encoding': 'br' }, bytes },
      { headers: { ...headers, 'Content-Type': `${headers['Content-Type']}; charset=utf-16` }, bytes },
      { headers, bytes: Buffer.alloc(100_000, ' ') },
      { headers, bytes: Buffer.concat([bytes, bytes]) },
      { headers: {}, bytes },
    ),
    hostileText
      .filter(text => /^[\t\x20-\x7e]*$/.test(text))
      .map(type => ({ headers: { 'Content-Type': type }, bytes })),
  )
}

function withByte(bytes: Buffer, at: number, byte: number): Buffer {
  const other = Buffer.from(bytes)
  if (at < other.length) other[at] = byte
  return other
}
