import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type FilePath, bytesOf } from './file-bytes.ts'

export interface UploadOptions {
  /** Media type; default `application/octet-stream`. */
  type?: string
  /** Name that the server is told; default: that of the file. */
  name?: string
}

/** Limit of all files and blobs that uploads keep in memory. */
const MOST_BYTES = 512 * 1024 * 1024
const MEDIA_TYPE = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+(?:\s*;[\x20-\x7e]*)?$/

/** Files that were read, by what was asked for. */
const files = new Map<string, File>()
/** Bytes of files and blobs. A File gives its bytes away only later, which is too late for a request that is due. */
const known = new WeakMap<Blob, Buffer | Promise<Buffer>>()
let keptBytes = 0

/**
 * Returns a file to upload. It is read once, when it is first asked for, and shared by all users and requests.
 * @throws Error with the file and what to do
 */
export function file(path: FilePath, { type = '', name }: UploadOptions = {}): File {
  const place = path instanceof URL ? fileURLToPath(path) : resolve(path)
  if (typeof type !== 'string' || (type !== '' && !MEDIA_TYPE.test(type))) {
    throw new TypeError(`${place}: expected a media type such as image/jpeg, got ${JSON.stringify(type)}`)
  }
  const key = JSON.stringify([place, type, name])
  const read = files.get(key)
  if (read !== undefined) return read
  try {
    const bytes = bytesOf(path, MOST_BYTES - keptBytes)
    const made = new File([bytes], name ?? basename(place), { type })
    keptBytes += bytes.length
    known.set(made, bytes)
    files.set(key, made)
    return made
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}`, { cause: error })
  }
}

/** Returns the bytes of a file or blob; a promise of them if they were never read before. */
export function bytesOfBlob(blob: Blob): Buffer | Promise<Buffer> {
  let bytes = known.get(blob)
  if (bytes === undefined) known.set(blob, (bytes = read(blob)))
  return bytes
}

async function read(blob: Blob): Promise<Buffer> {
  if (blob.size > MOST_BYTES) {
    throw new RangeError(`expected a blob of at most ${MOST_BYTES} bytes to upload, got ${blob.size}`)
  }
  const bytes = Buffer.from(await blob.arrayBuffer())
  known.set(blob, bytes)
  return bytes
}
