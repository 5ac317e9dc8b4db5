import { gzipSync } from 'node:zlib'
import { bytesOfBlob } from '../../feeders/upload-file.ts'
import type { RequestOptions } from '../../scenario/http.ts'
import { encodeMultipart, entriesOf } from './multipart.ts'
import { type EncodedBody, checkCompression, type PlainOptions, encodeBody, isPlain } from './request-body.ts'

/**
 * Returns the body of a request, or a promise of it if a blob must be read first.
 * @param key of the request, which the boundary depends on.
 * @param headers of the scenario, with names in lower case.
 * @throws TypeError for more than one body, or for a body that cannot be sent.
 */
export function outgoingBody(
  options: RequestOptions,
  key: string,
  headers: Record<string, string> | undefined,
): EncodedBody | Promise<EncodedBody> | undefined {
  const { json, form, body, multipart, compression } = options
  if (multipart === undefined && isPlain(body)) return encodeBody(options as PlainOptions)
  if (json !== undefined || form !== undefined || (multipart !== undefined && body !== undefined && body !== null)) {
    throw new TypeError('expected one of json, form, multipart and body, got several')
  }
  checkCompression(compression)
  if (body instanceof Blob) return compressed(encodeBlob(body), compression)
  if (headers?.['content-type'] !== undefined) {
    throw new TypeError(
      'expected no header "content-type" for a multipart body, because the client names its boundary there',
    )
  }
  const entries = multipart === undefined ? [...(body as FormData)] : entriesOf(multipart)
  return compressed(encodeMultipart(entries, key), compression)
}

function encodeBlob(blob: Blob): EncodedBody | Promise<EncodedBody> {
  const bytes = bytesOfBlob(blob)
  const headers: Record<string, string> = blob.type === '' ? {} : { 'content-type': blob.type }
  const encode = (read: Buffer): EncodedBody => ({ bytes: read, byteLength: read.length, headers })
  return bytes instanceof Promise ? bytes.then(encode) : encode(bytes)
}

function compressed(
  encoding: EncodedBody | Promise<EncodedBody>,
  compression: RequestOptions['compression'],
): EncodedBody | Promise<EncodedBody> {
  if (compression !== 'gzip') return encoding
  const compress = ({ bytes, headers: { 'content-length': _length, ...headers } }: EncodedBody): EncodedBody => {
    const zipped = gzipSync(Buffer.isBuffer(bytes) ? bytes : Buffer.concat(bytes))
    return { bytes: zipped, byteLength: zipped.length, headers: { ...headers, 'content-encoding': 'gzip' } }
  }
  return encoding instanceof Promise ? encoding.then(compress) : compress(encoding)
}
