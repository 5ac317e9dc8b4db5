import { totalmem } from 'node:os'
import type { ExchangeFailure } from '../engine/failure.ts'
import { shown } from './request-head.ts'

/** Default limit of one body. */
export const DEFAULT_BODY_LIMIT_BYTES = 64 * 1024 * 1024
/** Default limit of all bodies together, which is at most this share of the memory. */
const DEFAULT_BODY_MEMORY_BYTES = 256 * 1024 * 1024
const MEMORY_SHARE = 1 / 8
/** Bodies up to this size are not accounted for, because the rest of a request takes as much memory. */
const SMALL_BYTES = 16 * 1024
/** Memory of a chunk in addition to its bytes. It matters because a body may arrive one byte at a time. */
const CHUNK_BYTES = 256
/** Bytes of a dropped body that are kept for error messages. */
const EXCERPT_BYTES = 4096

const NOTHING = Buffer.alloc(0)

/** @throws RangeError for a limit that is not a number of bytes. */
export function checkBodyLimit(bytes: number | undefined): void {
  if (bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0)) return
  throw new RangeError(`expected bodyLimitBytes to be a whole number of bytes from 0, got ${shown(bytes)}`)
}

/**
 * Limits the memory of all bodies: those being received, and those that a scenario has not read yet. When there is no room, the
 * oldest unread body is dropped first.
 */
export class BodyMemory {
  readonly limitBytes: number
  readonly #unread = new Set<ReceivedBody>()
  #bytes = 0

  constructor(limitBytes = Math.min(DEFAULT_BODY_MEMORY_BYTES, Math.floor(memoryBytes() * MEMORY_SHARE))) {
    this.limitBytes = limitBytes
  }

  /** Reserves memory. Returns false when there is no room. */
  take(bytes: number): boolean {
    this.#bytes += bytes
    for (const body of this.#unread) {
      if (this.#bytes <= this.limitBytes) break
      body.drop(this.whyFull)
    }
    if (this.#bytes <= this.limitBytes) return true
    this.#bytes -= bytes
    return false
  }

  /** Adds a complete body, which may be dropped from now on. */
  handOver(body: ReceivedBody): void {
    this.#unread.add(body)
  }

  release(body: ReceivedBody, bytes: number): void {
    this.#unread.delete(body)
    this.#bytes -= bytes
  }

  get whyFull(): string {
    return `all bodies together took more than ${this.limitBytes} bytes; raise http.bodyMemoryBytes, or read it sooner`
  }
}

/** Bytes of one response. All are counted, and are kept until they are read if the limits allow it. */
export class ReceivedBody {
  /** Bytes as received, before any decompression. */
  receivedBytes = 0
  readonly #memory: BodyMemory
  readonly #limitBytes: number
  /** Undefined until something comes: one chunk, which is what most bodies are, or several. */
  #chunks: Buffer | Buffer[] | undefined
  /** Memory that it takes, and the part of it that is accounted for. */
  #costBytes = 0
  #takenBytes = 0
  #whyDropped: string | undefined

  constructor(memory: BodyMemory, limitBytes = DEFAULT_BODY_LIMIT_BYTES) {
    this.#memory = memory
    this.#limitBytes = limitBytes
  }

  /** Why the response failed although its status was expected, for a protocol that says so in the body. */
  get flaw(): ExchangeFailure | undefined {
    return undefined
  }

  /** Adds a copy of the chunk, because its memory is used again. */
  add(chunk: Buffer): void {
    this.receivedBytes += chunk.length
    if (this.#whyDropped !== undefined) return
    const copy = Buffer.from(chunk)
    if (this.#chunks === undefined) this.#chunks = copy
    else if (Array.isArray(this.#chunks)) this.#chunks.push(copy)
    else this.#chunks = [this.#chunks, copy]
    this.#costBytes += chunk.length + CHUNK_BYTES
    if (this.receivedBytes > this.#limitBytes) {
      this.drop(`it has more than ${this.#limitBytes} bytes; raise bodyLimitBytes`)
    } else if (this.#costBytes > SMALL_BYTES) {
      const missingBytes = this.#costBytes - this.#takenBytes
      if (this.#memory.take(missingBytes)) this.#takenBytes = this.#costBytes
      else this.drop(this.#memory.whyFull)
    }
  }

  /** Ends the body: no more bytes follow. */
  end(): void {
    if (this.#takenBytes > 0) this.#memory.handOver(this)
  }

  /** Drops the body except for an excerpt. */
  drop(why: string): void {
    this.#whyDropped = why
    // A copy, because a slice would keep the whole chunk in memory.
    this.#chunks = Buffer.from(this.excerpt())
    this.#release()
  }

  /** Returns the whole body, which the caller keeps from now on. @throws Error with the reason when it was dropped */
  read(): Buffer {
    if (this.#whyDropped !== undefined) throw new Error(this.#whyDropped)
    const bytes = this.#joined()
    this.#chunks = bytes
    this.#release()
    return bytes
  }

  /** Returns the beginning of the body. */
  excerpt(): Buffer {
    const beginning = Array.isArray(this.#chunks)
      ? Buffer.concat(this.#chunks, Math.min(this.receivedBytes, EXCERPT_BYTES))
      : this.#joined()
    return beginning.subarray(0, EXCERPT_BYTES)
  }

  #joined(): Buffer {
    return Array.isArray(this.#chunks) ? Buffer.concat(this.#chunks) : (this.#chunks ?? NOTHING)
  }

  #release(): void {
    if (this.#takenBytes > 0) this.#memory.release(this, this.#takenBytes)
    this.#takenBytes = 0
  }
}

/** Returns the memory of the machine, or of the container if that has less. */
function memoryBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}
