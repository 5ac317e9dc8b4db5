import { gzipSync } from 'node:zlib'
import type { RequestOptions } from '../../scenario/http.ts'
import { encodeQuery, shown } from './request-head.ts'

/** A request body as it is sent, and the headers that describe it. */
export interface EncodedBody {
  /** Consecutive pieces, if it is long. */
  bytes: Buffer | readonly Buffer[]
  byteLength: number
  headers: Record<string, string>
}

type InOnePiece = EncodedBody & { bytes: Buffer }
type PlainBody = Exclude<RequestOptions['body'], FormData | Blob>
export type PlainOptions = Pick<RequestOptions, 'json' | 'form' | 'compression'> & { body?: PlainBody }

/** Tells whether the bytes of a body are at hand. */
export function isPlain(body: RequestOptions['body']): body is PlainBody {
  if (typeof body !== 'object' || body === null || ArrayBuffer.isView(body)) return true
  if (body instanceof URLSearchParams || body instanceof ArrayBuffer) return true
  // Node loads all of `fetch` when the name FormData is first used, so it comes last.
  return !(body instanceof Blob || body instanceof FormData)
}

/** @throws TypeError for more than one body, or for a body that cannot be sent. */
export function encodeBody(options: PlainOptions): InOnePiece | undefined {
  const plain = encodePlain(options)
  const { compression = 'none' } = options
  checkCompression(compression)
  if (plain === undefined || compression === 'none') return plain
  return inOnePiece(gzipSync(plain.bytes), { ...plain.headers, 'content-encoding': 'gzip' })
}

/** @throws TypeError for an unknown compression. */
export function checkCompression(compression: unknown): void {
  if (compression === undefined || compression === 'none' || compression === 'gzip') return
  throw new TypeError(`expected compression to be none or gzip, got ${shown(compression)}`)
}

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const NO_TYPE = {}

function encodePlain({ json, form, body }: PlainOptions): InOnePiece | undefined {
  const given = Number(json !== undefined) + Number(form !== undefined) + Number(body !== undefined && body !== null)
  if (given > 1) throw new TypeError('expected one of json, form and body, got several')
  if (json !== undefined) return inOnePiece(Buffer.from(textOf(json)), JSON_TYPE)
  if (form !== undefined) return inOnePiece(Buffer.from(encodeQuery(form)), FORM_TYPE)
  if (body === undefined || body === null) return undefined
  if (body instanceof URLSearchParams) return inOnePiece(Buffer.from(body.toString()), FORM_TYPE)
  return inOnePiece(bytesOf(body), NO_TYPE)
}

function inOnePiece(bytes: Buffer, headers: Record<string, string>): InOnePiece {
  return { bytes, byteLength: bytes.length, headers }
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
