import { gzipSync } from 'node:zlib'
import type { RequestOptions } from '../../scenario/http.ts'
import { encodeQuery, shown } from './request-head.ts'

/** A request body as it is sent, and the headers that describe it. */
export interface EncodedBody {
  bytes: Buffer
  headers: Record<string, string>
}

/** @throws TypeError for more than one body, or for a body that cannot be sent. */
export function encodeBody(options: RequestOptions): EncodedBody | undefined {
  const plain = encodePlain(options)
  const { compression = 'none' } = options
  if (compression !== 'none' && compression !== 'gzip') {
    throw new TypeError(`expected compression to be none or gzip, got ${shown(compression)}`)
  }
  if (plain === undefined || compression === 'none') return plain
  return { bytes: gzipSync(plain.bytes), headers: { ...plain.headers, 'content-encoding': 'gzip' } }
}

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const NO_TYPE = {}

function encodePlain({ json, form, body }: RequestOptions): EncodedBody | undefined {
  const given = Number(json !== undefined) + Number(form !== undefined) + Number(body !== undefined && body !== null)
  if (given > 1) throw new TypeError('expected one of json, form and body, got several')
  if (json !== undefined) return { bytes: Buffer.from(textOf(json)), headers: JSON_TYPE }
  if (form !== undefined) return { bytes: Buffer.from(encodeQuery(form)), headers: FORM_TYPE }
  if (body === undefined || body === null) return undefined
  if (body instanceof URLSearchParams) return { bytes: Buffer.from(body.toString()), headers: FORM_TYPE }
  return { bytes: bytesOf(body), headers: NO_TYPE }
}

function textOf(json: unknown): string {
  let text: string | undefined
  let why = ''
  try {
    text = JSON.stringify(json) as string | undefined
  } catch (error) {
    why = `: ${(error as Error).message}`
  }
  if (text === undefined) throw new TypeError(`expected a value that can be written as JSON, got ${shown(json)}${why}`)
  return text
}

function bytesOf(body: string | Uint8Array | ArrayBuffer): Buffer {
  if (typeof body === 'string') return Buffer.from(body)
  if (Buffer.isBuffer(body)) return body
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (body instanceof ArrayBuffer) return Buffer.from(body)
  throw new TypeError(`expected a body of text or bytes, got ${shown(body)}; give objects as json or form`)
}
