import type { ResetFrame } from '../../../contract/streams.ts'
import type { Frame } from '../../connections/frame.ts'
import { type Consumer, nextReader, type Reader } from '../../streams/reader.ts'
import { cursorBefore, resume } from '../../streams/resume.ts'
import type { Tenant } from '../../streams/tenant.ts'
import { AcknowledgedSubscription, type AcknowledgedOptions } from './acknowledged.ts'
import { controlMessage, eventContent, type MessageContent } from './message-encoder.ts'
import type { StompDependencies } from './subscription.ts'

/** A stream whose events are acknowledged. It never goes live: each event is read from the history once there is room. */
export class AcknowledgedStream extends AcknowledgedSubscription implements Consumer {
  readonly #tenant: Tenant
  readonly #readers: readonly Reader[]
  readonly #reset: ResetFrame | undefined

  /** @throws ProblemError */
  constructor(dependencies: StompDependencies, options: AcknowledgedOptions) {
    super(dependencies, options)
    const { streams, clock } = dependencies
    const { destination, group, start } = this.request
    this.#tenant = streams.tenant(this.peer.exchange.tenant)
    const stream = this.#tenant.stream(destination.name)
    this.#tenant.evict(clock.wallTime())
    const resumption = resume(this.#tenant, [stream], start, group)
    this.#readers = resumption.open(this)
    this.#tenant.openConnections += 1
    this.#reset = resumption.reset
  }

  start(): void {
    if (this.#reset !== undefined) this.peer.connection.enqueue(controlMessage('reset', this.#reset, this.#address))
    for (const reader of this.#readers) reader.listen()
    this.pull()
  }

  get key(): string {
    return this.peer.key
  }

  offer(): void {
    this.pull()
  }

  fallBehind(): void {
    // A member of a group gets partitions while it is made, before its readers are known.
    queueMicrotask(() => this.pull())
  }

  *waiting(): Generator<Frame, void, undefined> {}

  withdraw(): Frame[] {
    return []
  }

  protected next(): MessageContent | undefined {
    this.#reportEvicted()
    const reader = nextReader(this.#readers)
    const event = reader?.peek()
    if (event === undefined) return undefined
    reader?.advance()
    return eventContent(event, this.version)
  }

  protected leave(): void {
    this.#tenant.openConnections -= 1
    for (const reader of this.#readers) reader.end(this.dependencies.clock.wallTime())
  }

  get #address() {
    return { subscription: this.request.id, version: this.version }
  }

  #reportEvicted(): void {
    const lost = this.#readers
      .map(reader => ({ stream: reader.stream.name, count: reader.skipEvicted() }))
      .filter(({ count }) => count > 0)
    if (lost.length === 0) return
    const reset = { reason: 'retention' as const, lost, cursor: cursorBefore(this.#tenant, this.#readers) }
    this.peer.connection.enqueue(controlMessage('reset', reset, this.#address))
  }
}
