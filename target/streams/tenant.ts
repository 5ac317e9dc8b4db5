import { seededStreams } from '../../contract/streams.ts'
import type { EventEnvelope } from '../../contract/api/events.ts'
import { ProblemError } from '../exchange/problem.ts'
import { DedupeWindow } from './dedupe.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { formatCursor, newEpoch } from './cursor.ts'
import { type Position, StoredEvent } from './event.ts'
import type { LiveLimits } from './limits.ts'
import { Stream, streamBytes } from './stream.ts'

/** One customer's streams. A single sequence orders the events of all of them. */
export class Tenant {
  readonly name: string
  readonly partitions: number
  readonly dedupe: DedupeWindow
  /** Wall time of its last request. */
  activeAt: number
  /** Number of its clients' open streams and waiting polls. */
  openConnections = 0
  readonly #limits: LiveLimits
  readonly #memory: MemoryBudget
  #epoch = newEpoch()
  #sequence = 0
  #streams = new Map<string, Stream>()

  constructor(name: string, limits: LiveLimits, partitions: number, now: number, memory: MemoryBudget) {
    this.name = name
    this.#memory = memory
    this.dedupe = new DedupeWindow(memory.table('deduplication'))
    this.#limits = limits
    this.partitions = partitions
    this.activeAt = now
    this.reset()
  }

  get epoch(): string {
    return this.#epoch
  }

  /** Sequence of the newest event; 0 before the first. */
  get sequence(): number {
    return this.#sequence
  }

  get streams(): Iterable<Stream> {
    return this.#streams.values()
  }

  cursor(sequence: number): string {
    return formatCursor(this.#epoch, sequence)
  }

  /** Returns the stream of this name if there is one. */
  find(name: string): Stream | undefined {
    return this.#streams.get(name)
  }

  /**
   * Returns the stream of this name and creates it if there is none.
   * @throws ProblemError too_many_streams, memory_exhausted
   */
  stream(name: string): Stream {
    const known = this.#streams.get(name)
    if (known !== undefined) return known
    const { perTenant } = this.#limits.current
    if (this.#streams.size >= perTenant) {
      throw new ProblemError(
        'too_many_streams',
        `tenant ${this.name} already has ${perTenant} streams, so ${JSON.stringify(name)} cannot be created`,
      )
    }
    this.#memory.table('streams').requireRoom(streamBytes(this.partitions))
    return this.#addStream(name)
  }

  append(envelope: EventEnvelope, stream: Stream, now: number, source?: string): Position {
    const partition = partitionOf(envelope.partition_key ?? envelope.event_id, this.partitions)
    const position = { stream: stream.name, partition, offset: stream.nextOffset(partition), publishedAt: now }
    this.#sequence += 1
    stream.append(new StoredEvent(envelope, position, this.#epoch, this.#sequence, source))
    return position
  }

  /** Evicts what has expired while nothing is published. */
  evict(now: number): void {
    for (const stream of this.#streams.values()) stream.evict(now)
  }

  /** Empties all streams under a new epoch, even if no memory is left. Followers must be gone before. */
  reset(): void {
    this.discard()
    this.#epoch = newEpoch()
    this.#sequence = 0
    for (const name of seededStreams) this.#addStream(name)
  }

  /** Releases all streams. */
  discard(): void {
    for (const stream of this.#streams.values()) stream.discard()
    this.#streams = new Map()
  }

  #addStream(name: string): Stream {
    const stream = new Stream(name, this.partitions, this.#limits, this.#memory)
    this.#streams.set(name, stream)
    return stream
  }
}

/**
 * Returns the partition of a key: FNV-1a over its UTF-16 units with a finaliser, so that keys that differ only at their end
 * spread, too. It stays the same across restarts and versions, because users look for their keys by partition.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return ((hash ^ (hash >>> 15)) >>> 0) % partitions
}
