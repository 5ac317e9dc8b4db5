import { defaultTenant } from '../../contract/headers.ts'
import { seededStreams } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import { Heap, type HeapItem } from '../../core/heap.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { LiveLimits } from './limits.ts'
import { type Stream, streamBytes } from './stream.ts'
import { Tenant } from './tenant.ts'

/** A stream whose history may shrink. */
interface Candidate extends HeapItem {
  readonly stream: Stream
  readonly ordinal: number
}

/**
 * All tenants. A tenant is created by its first request; the default one exists from the start. Beyond
 * `streams.tenants` the tenant that was idle the longest is forgotten. When memory runs short, the oldest events of the
 * largest stream are forgotten first.
 */
export class Tenants {
  readonly #limits: LiveLimits
  readonly #partitions: number
  readonly #clock: Clock
  readonly #memory: MemoryBudget
  readonly #tenants = new Map<string, Tenant>()

  constructor(limits: LiveLimits, partitions: number, clock: Clock, memory: MemoryBudget) {
    this.#limits = limits
    this.#partitions = partitions
    this.#clock = clock
    this.#memory = memory
    const shedHistories = (isEnough: () => boolean) => this.#shedHistories(isEnough)
    memory.shedHistories = shedHistories
    memory.table('groups', () => this.#shedGroups())
    memory.table('deduplication', () => this.#shedDedupe())
    memory.table('streams', () => this.#forgetIdle(clock.wallTime()))
    this.get(defaultTenant)
  }

  get size(): number {
    return this.#tenants.size
  }

  all(): Iterable<Tenant> {
    return this.#tenants.values()
  }

  /** Returns the tenant of a request. @throws ProblemError too_many_tenants, memory_exhausted */
  get(name: string): Tenant {
    const now = this.#clock.wallTime()
    const tenant = this.#tenants.get(name) ?? this.#add(name, now)
    tenant.activeAt = now
    return tenant
  }

  /** Empties the default tenant and forgets all others. Followers must be gone before. */
  reset(): void {
    for (const [name, tenant] of this.#tenants) {
      if (name === defaultTenant) tenant.reset()
      else this.#forget(tenant)
    }
  }

  #add(name: string, now: number): Tenant {
    const { tenants: most, tenantIdleMs } = this.#limits.current
    if (this.#tenants.size >= most && !this.#forgetIdle(now)) {
      throw new ProblemError(
        'too_many_tenants',
        `the target already keeps ${most} tenants (streams.tenants), none of which was idle for ${tenantIdleMs} ms ` +
          `(streams.tenantIdleAge), so it has no room for ${name}`,
        { headers: { 'retry-after': String(Math.max(1, Math.ceil(tenantIdleMs / 1000))) } },
      )
    }
    this.#memory.table('streams').requireRoom(seededStreams.length * streamBytes(this.#partitions))
    const tenant = new Tenant(name, this.#limits, this.#partitions, now, this.#memory)
    this.#tenants.set(name, tenant)
    return tenant
  }

  /** Forgets the tenant that was idle the longest, if that was long enough; returns whether there was one. */
  #forgetIdle(now: number): boolean {
    let idlest: Tenant | undefined
    for (const tenant of this.#tenants.values()) {
      if (tenant.name === defaultTenant || tenant.openConnections > 0) continue
      if (idlest === undefined || tenant.activeAt < idlest.activeAt) idlest = tenant
    }
    if (idlest === undefined || now - idlest.activeAt < this.#limits.current.tenantIdleMs) return false
    this.#forget(idlest)
    return true
  }

  #forget(tenant: Tenant): void {
    tenant.discard()
    tenant.dedupe.clear()
    this.#tenants.delete(tenant.name)
  }

  #shedHistories(isEnough: () => boolean): number {
    const largestFirst = new Heap<Candidate>(
      (a, b) =>
        a.stream.history.memoryBytes > b.stream.history.memoryBytes ||
        (a.stream.history.memoryBytes === b.stream.history.memoryBytes && a.ordinal < b.ordinal),
    )
    for (const stream of this.streams()) {
      if (stream.history.memoryBytes > 0) largestFirst.push({ stream, ordinal: largestFirst.length, place: -1 })
    }
    let events = 0
    for (let largest = largestFirst.first; largest !== undefined && !isEnough(); largest = largestFirst.first) {
      // Its rank may only change while it is outside the heap.
      largestFirst.remove(largest)
      const shed = largest.stream.history.shed()
      if (shed === undefined) continue
      events += shed
      largestFirst.push(largest)
    }
    return events
  }

  #shedGroups(): boolean {
    let most: Stream | undefined
    for (const stream of this.streams()) if (stream.leftGroupCount > (most?.leftGroupCount ?? 0)) most = stream
    return most?.shedGroups() ?? false
  }

  #shedDedupe(): boolean {
    let most: Tenant | undefined
    for (const tenant of this.#tenants.values()) if (tenant.dedupe.length > (most?.dedupe.length ?? 0)) most = tenant
    return most?.dedupe.shed() ?? false
  }

  *streams(): Iterable<Stream> {
    for (const tenant of this.#tenants.values()) yield* tenant.streams
  }
}
