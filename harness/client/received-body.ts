import { totalmem } from 'node:os'

/** Of one body, unless the scenario says otherwise. */
export const DEFAULT_BODY_LIMIT_BYTES = 64 * 1024 * 1024
/** Of all bodies together, unless the scenario says otherwise, and never more than this share of the memory there is. */
const DEFAULT_BODY_MEMORY_BYTES = 256 * 1024 * 1024
const MEMORY_SHARE = 1 / 8
/** A body up to this is not accounted for: it is no larger than what else a request costs. */
const SMALL_BYTES = 16 * 1024
/** What a chunk costs beside its bytes: a body may come one byte at a time. */
const CHUNK_BYTES = 256
/** Of a body that is not kept, this much is, to say how it began. */
const EXCERPT_BYTES = 4096

/**
 * The memory that bodies may take: those under way, and those that were handed to a scenario and not read yet. Where there is
 * no room, the oldest that was handed over and not read is dropped first.
 */
export class BodyMemory {
  readonly limitBytes: number
  readonly #unread = new Set<ReceivedBody>()
  #bytes = 0

  constructor(limitBytes = Math.min(DEFAULT_BODY_MEMORY_BYTES, Math.floor(memoryBytes() * MEMORY_SHARE))) {
    this.limitBytes = limitBytes
  }

  /** False when there is no room for so many bytes more. */
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

  /** The body is complete: it may be dropped from now on. */
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

/** The bytes of one response: all are counted, and kept within limits until they are read. */
export class ReceivedBody {
  /** As they crossed the wire. */
  receivedBytes = 0
  readonly #memory: BodyMemory
  readonly #limitBytes: number
  #chunks: Buffer[] = []
  /** What it takes, and how much of that is accounted for. */
  #costBytes = 0
  #takenBytes = 0
  #whyDropped: string | undefined

  constructor(memory: BodyMemory, limitBytes = DEFAULT_BODY_LIMIT_BYTES) {
    this.#memory = memory
    this.#limitBytes = limitBytes
  }

  add(chunk: Buffer): void {
    this.receivedBytes += chunk.length
    if (this.#whyDropped !== undefined) return
    this.#chunks.push(chunk)
    this.#costBytes += chunk.length + CHUNK_BYTES
    if (this.receivedBytes > this.#limitBytes) {
      this.drop(`it has more than ${this.#limitBytes} bytes; raise bodyLimitBytes`)
    } else if (this.#costBytes > SMALL_BYTES) {
      const missingBytes = this.#costBytes - this.#takenBytes
      if (this.#memory.take(missingBytes)) this.#takenBytes = this.#costBytes
      else this.drop(this.#memory.whyFull)
    }
  }

  /** No more will come. */
  end(): void {
    if (this.#takenBytes > 0) this.#memory.handOver(this)
  }

  /** Keeps an excerpt only. */
  drop(why: string): void {
    this.#whyDropped = why
    // A copy, for a part of a chunk would keep all of it.
    this.#chunks = [Buffer.from(this.excerpt())]
    this.#release()
  }

  /** All of it, once: whoever reads it keeps it. @throws Error with the reason when it was not kept */
  read(): Buffer {
    if (this.#whyDropped !== undefined) throw new Error(this.#whyDropped)
    const bytes = this.#joined()
    this.#chunks = [bytes]
    this.#release()
    return bytes
  }

  /** How it began. */
  excerpt(): Buffer {
    return (
      this.#chunks.length === 1
        ? this.#joined()
        : Buffer.concat(this.#chunks, Math.min(this.receivedBytes, EXCERPT_BYTES))
    ).subarray(0, EXCERPT_BYTES)
  }

  #joined(): Buffer {
    return this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
  }

  #release(): void {
    if (this.#takenBytes > 0) this.#memory.release(this, this.#takenBytes)
    this.#takenBytes = 0
  }
}

/** Of the machine, or of the container if that has less. */
function memoryBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}
