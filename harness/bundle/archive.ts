import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Static } from 'typebox'
import { checker, closed } from '../../core/check.ts'
import { Type } from '../../core/schema.ts'

/** An archive that cannot be used. The message says why, and shows no contents. */
export class UnusableArchive extends Error {}

export interface ArchivedFile {
  /** Relative to the root, with `/` between its parts. */
  path: string
  bytes: Uint8Array
}

const headSchema = Type.Object(
  {
    format: Type.Literal(1),
    /** The file to load. */
    entry: Type.String(),
    /** Folder that held all files on the machine where they were written. */
    root: Type.String(),
    /** Working directory there. */
    folder: Type.String(),
    files: Type.Array(Type.Object({ path: Type.String(), bytes: Type.Integer({ minimum: 0 }) }, closed)),
  },
  closed,
)
const heads = checker(headSchema)
type ArchiveHead = Static<typeof headSchema>

/** A scenario with its files, as they are shipped. */
export interface Archive extends Omit<ArchiveHead, 'files' | 'format'> {
  files: ArchivedFile[]
}

const LENGTH_BYTES = 4

/** Returns the archive as bytes; the same files always make the same bytes. */
export function packArchive({ files, ...about }: Archive): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const rows = sorted.map(({ path, bytes }) => ({ path, bytes: bytes.length }))
  const head = Buffer.from(JSON.stringify({ format: 1, ...about, files: rows } satisfies ArchiveHead))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(head.length)
  return gzipSync(Buffer.concat([length, head, ...sorted.map(({ bytes }) => bytes)]))
}

/** @param mostBytes limit of all its contents together. @throws UnusableArchive */
export function readArchive(packed: Uint8Array, mostBytes: number): Archive {
  const bytes = unzipped(packed, mostBytes)
  const { files: rows, entry, root, folder } = headIn(bytes)
  let at = LENGTH_BYTES + bytes.readUInt32BE()
  const known = new Set<string>()
  const files = rows.map(({ path, bytes: size }) => {
    if (!isWithin(path)) throw new UnusableArchive(`it has a file outside of its folder: ${JSON.stringify(path)}`)
    if (known.has(path)) throw new UnusableArchive(`it has two files ${JSON.stringify(path)}`)
    known.add(path)
    if (at + size > bytes.length) throw new UnusableArchive('it is cut off')
    return { path, bytes: bytes.subarray(at, (at += size)) }
  })
  if (at !== bytes.length) throw new UnusableArchive('it is longer than its files')
  if (!known.has(entry)) throw new UnusableArchive(`it has no file ${JSON.stringify(entry)}, which is to be loaded`)
  return { entry, root, folder, files }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function unzipped(packed: Uint8Array, mostBytes: number): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: mostBytes })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ERR_BUFFER_TOO_LARGE' ? `expected at most ${mostBytes} bytes` : message
    throw new UnusableArchive(`it cannot be decompressed: ${why}`)
  }
}

function headIn(bytes: Buffer): ArchiveHead {
  const end = bytes.length < LENGTH_BYTES ? Number.POSITIVE_INFINITY : LENGTH_BYTES + bytes.readUInt32BE()
  if (end > bytes.length) throw new UnusableArchive('it is cut off')
  let head: unknown
  try {
    head = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, end))
  } catch {
    throw new UnusableArchive('its head is not JSON')
  }
  if (heads.check(head)) return head
  const [{ pointer, detail } = { pointer: '', detail: 'it does not fit' }] = heads.errors(head)
  throw new UnusableArchive(`its head${pointer}: ${detail}`)
}

/** Tells whether a path stays in the folder that it is relative to, on every system. */
function isWithin(path: string): boolean {
  if (path === '' || /[\\:\0]/.test(path)) return false
  return path.split('/').every(part => part !== '' && part !== '.' && part !== '..')
}
