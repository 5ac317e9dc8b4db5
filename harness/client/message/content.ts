import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import type { ResponseHeaders } from '../engine/engine.ts'

/** Maximum number of codings applied to one body. */
const MOST_CODINGS = 4

type Decompress = (bytes: Buffer, maxOutputLength: number) => Buffer

/** Decompresses truncated input as far as it goes. */
const gunzip: Decompress = (bytes, maxOutputLength) =>
  gunzipSync(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH })

const decompressors: Record<string, Decompress> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  // Some servers omit the zlib header, which the first byte shows.
  deflate: (bytes, maxOutputLength) => {
    const inflate = ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync : inflateRawSync
    return inflate(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH })
  },
  br: (bytes, maxOutputLength) =>
    brotliDecompressSync(bytes, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength, finishFlush: constants.ZSTD_e_flush }),
}

/** Names for no coding. No standard knows `none`, but servers send it so that no proxy compresses their streams. */
const NO_CODINGS: ReadonlySet<string> = new Set(['', 'identity', 'none'])

/** Returns the codings of a `Content-Encoding`, first applied first, without those that mean none. */
export function codingsOf(contentEncoding: ResponseHeaders[string]): string[] {
  if (contentEncoding === undefined) return []
  return [contentEncoding]
    .flat()
    .flatMap(value => value.split(','))
    .map(coding => coding.trim().toLowerCase())
    .filter(coding => !NO_CODINGS.has(coding))
}

/**
 * Returns the body without its content codings.
 * @throws Error for an unsupported coding, for bytes that do not match it, and for more than `mostBytes`.
 */
export function decompressed(bytes: Buffer, headers: ResponseHeaders, mostBytes: number): Buffer {
  const codings = codingsOf(headers['content-encoding'])
  if (codings.length === 0 || bytes.length === 0) return bytes
  if (codings.length > MOST_CODINGS)
    throw new Error(`it is compressed ${codings.length} times, and at most ${MOST_CODINGS} are supported`)
  return codings.reduceRight((compressed, coding) => {
    const decompress = decompressors[coding]
    if (decompress === undefined) throw new Error(`it is compressed with ${coding}, which is not supported`)
    try {
      return decompress(compressed, mostBytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        throw new Error(`it decompresses to more than ${mostBytes} bytes; raise bodyLimitBytes`, { cause: error })
      }
      throw new Error(`it is not ${coding}, as its Content-Encoding says: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }, bytes)
}

/** Returns the text of a body. Its encoding is that of the byte order mark, which is removed, else the charset, else UTF-8. */
export function textOf(bytes: Buffer, headers: ResponseHeaders): string {
  const marked = encodingOfMark(bytes)
  // Node's own decoder is the fastest, and nearly all bodies are UTF-8.
  if (marked === 'utf-8') return bytes.toString('utf8', 3)
  const charset = marked ?? charsetOf(headers['content-type'])
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return bytes.toString()
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return bytes.toString()
  }
}

/** Comparing one character takes less time than `startsWith`. */
const BYTE_ORDER_MARK = 0xfeff

/** Returns the value if the text is JSON, which may begin with a byte order mark; else the text. */
export function parsedIfJson(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text)
  } catch {
    return text
  }
}

function encodingOfMark([first, second, third]: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** Returns the media type of a `Content-Type` in lower case, without parameters: `application/json`; '' where there is none. */
export function mediaTypeOf(contentType: ResponseHeaders[string]): string {
  return (valueOf(contentType).split(';', 1)[0] as string).trim().toLowerCase()
}

/** Returns the `charset` of a `Content-Type` in lower case; undefined where it has none. */
export function charsetOf(contentType: ResponseHeaders[string]): string | undefined {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(valueOf(contentType)) ?? []
  return (quoted ?? plain)?.toLowerCase()
}

/** Returns the last value of a repeated `Content-Type`, as `fetch` does. */
function valueOf(contentType: ResponseHeaders[string]): string {
  return (Array.isArray(contentType) ? contentType.at(-1) : contentType) ?? ''
}
