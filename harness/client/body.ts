import { gzipSync } from 'node:zlib'
import type { RequestOptions } from '../context.ts'

/** A request body as it goes over the wire, and the headers that say what it is. */
export interface EncodedBody {
  bytes: Buffer
  headers: Record<string, string>
}

/** @throws TypeError when the options ask for two bodies at once, or for JSON of what has none. */
export function encodeBody(options: RequestOptions): EncodedBody | undefined {
  const plain = encodePlain(options)
  if (plain === undefined || options.compression !== 'gzip') return plain
  return { bytes: gzipSync(plain.bytes), headers: { ...plain.headers, 'content-encoding': 'gzip' } }
}

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const NO_TYPE = {}

function encodePlain({ json, form, body }: RequestOptions): EncodedBody | undefined {
  if (Number(json !== undefined) + Number(form !== undefined) + Number(body !== undefined) > 1) {
    throw new TypeError('expected one of json, form and body, got several')
  }
  if (json !== undefined) {
    const text = JSON.stringify(json) as string | undefined
    if (text === undefined) throw new TypeError(`expected a value that JSON can hold, got a ${typeof json}`)
    return { bytes: Buffer.from(text), headers: JSON_TYPE }
  }
  if (form !== undefined) return { bytes: Buffer.from(new URLSearchParams(form).toString()), headers: FORM_TYPE }
  if (body !== undefined) return { bytes: typeof body === 'string' ? Buffer.from(body) : body, headers: NO_TYPE }
  return undefined
}
