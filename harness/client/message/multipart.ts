import { random } from '../../../core/random.ts'
import { bytesOfBlob } from '../../feeders/upload-file.ts'
import type { MultipartFields } from '../../scenario/http.ts'
import type { EncodedBody } from './request-body.ts'
import { shown } from './request-head.ts'

type FormEntry = readonly [name: string, value: string | Blob]

/** Bodies up to this size are sent in one piece. The files in a longer one are sent as they are, without a copy of them. */
const JOINED_BYTES = 64 * 1024

/** Returns the entries of the shorthand, in its order. @throws TypeError for a value that no form can hold */
export function entriesOf(fields: MultipartFields): FormEntry[] {
  if (typeof fields !== 'object' || fields === null || Symbol.iterator in fields) {
    throw new TypeError(
      `expected multipart fields such as { title: 'My cat', photo: file('cat.jpg') }, got ${shown(fields)}`,
    )
  }
  return Object.entries(fields).flatMap(([name, given]) =>
    (Array.isArray(given) ? given : [given]).flatMap((value): FormEntry[] => {
      if (value === undefined) return []
      if (value instanceof Blob) return [[name, value]]
      if (['string', 'number', 'boolean'].includes(typeof value)) return [[name, String(value)]]
      throw new TypeError(
        `expected text, a number, a boolean or a file as the field ${JSON.stringify(name)}, got ${shown(value)}`,
      )
    }),
  )
}

/**
 * Encodes a form as browsers do (WHATWG HTML, "multipart/form-data encoding algorithm"). The boundary depends only on the key, and so
 * on the seed. Returns a promise if a blob must be read first.
 */
export function encodeMultipart(entries: readonly FormEntry[], key: string): EncodedBody | Promise<EncodedBody> {
  const boundary = boundaryOf(key)
  const unread = entries.flatMap(([, value]) => {
    const bytes = typeof value === 'string' ? undefined : bytesOfBlob(value)
    return bytes instanceof Promise ? [bytes] : []
  })
  if (unread.length === 0) return bodyOf(entries, boundary)
  return Promise.all(unread).then(() => bodyOf(entries, boundary))
}

/** @param entries whose blobs were read. */
function bodyOf(entries: readonly FormEntry[], boundary: string): EncodedBody {
  const pieces: Buffer[] = []
  let text = ''
  for (const [name, value] of entries) {
    text += `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(withCrlf(name))}"`
    if (typeof value === 'string') {
      text += `\r\n\r\n${withCrlf(value)}\r\n`
    } else {
      const filename = value instanceof File ? value.name : 'blob'
      text += `; filename="${escaped(filename)}"\r\nContent-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`
      pieces.push(Buffer.from(text), bytesOfBlob(value) as Buffer)
      text = '\r\n'
    }
  }
  pieces.push(Buffer.from(`${text}--${boundary}--\r\n`))
  const byteLength = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return {
    bytes: byteLength <= JOINED_BYTES ? Buffer.concat(pieces) : pieces,
    byteLength,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': String(byteLength) },
  }
}

/** Words of 32 bits: as many as make a boundary that no content has by chance. */
const WORDS = 4

function boundaryOf(key: string): string {
  const draws = random(`boundary of ${key}`)
  const words = Array.from({ length: WORDS }, () => Math.floor(draws.next() * 2 ** 32))
  return `----loadcell${words.map(word => word.toString(16).padStart(8, '0')).join('')}`
}

/** Returns the text with each line end as CR LF, as forms are sent. */
function withCrlf(text: string): string {
  return text.replaceAll(/\r\n|\r|\n/g, '\r\n')
}

function escaped(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')
}
