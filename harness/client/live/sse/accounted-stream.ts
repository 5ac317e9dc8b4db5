import type { DeliveredEvent } from '../../../../contract/api/events.ts'
import { type LaggedFrame, type ResetFrame, controlFrames } from '../../../../contract/streams.ts'
import { shortened } from '../../../../core/shortened.ts'
import { EventScanner } from '../../../delivery/event-scanner.ts'
import type { StreamEvent, StreamOptions } from '../../../scenario/streams.ts'
import type { Session } from '../../../session/session.ts'
import { parsedIfJson } from '../../message/content.ts'
import type { SseDependencies } from '../dependencies.ts'
import { CheckedStream } from './checked-stream.ts'
import type { DataBytes, StreamMessage } from './event-parser.ts'
import type { RequestedStream } from './stream-consumer.ts'
import { UnparsedEvent } from './unparsed-event.ts'

/** A stream of events of the Loadcell API, or of another server that writes their fields. */
export class AccountedStream extends CheckedStream<StreamEvent> {
  readonly done: Promise<void>
  readonly #scanner = new EventScanner()

  constructor(
    dependencies: SseDependencies,
    session: Session,
    request: RequestedStream,
    options: StreamOptions,
    ordinal: number,
  ) {
    super(dependencies, session, request, { ...options, ordered: !hasHolesByDesign(request.path) }, ordinal)
    this.done = this.start()
  }

  protected receive({ type, id, data }: StreamMessage, place?: DataBytes): void {
    if (place !== undefined && !isControl(type) && this.#scanner.scan(place.bytes, place.start, place.end)) {
      this.account.received += 1
      this.delivery.received(this.#scanner)
      return this.inbox.push(new UnparsedEvent(type, id, data), data.length)
    }
    const content = parsedIfJson(data)
    const frame = objectIn(content)
    if (type === controlFrames.lagged && frame?.dropped !== undefined) return
    if (type === controlFrames.reset && typeof frame?.cursor === 'string') return this.reset(frame.cursor)
    this.account.received += 1
    if (frame !== undefined) this.delivery.received(frame as DeliveredEvent)
    else if (this.isOurs) return this.#misunderstood(data)
    else this.delivery.receivedUnplaced()
    this.inbox.push({ type, id, data, event: content as DeliveredEvent }, data.length)
  }

  /** The events of a Loadcell target are JSON objects. Other servers may send anything. */
  #misunderstood(data: string): void {
    const { recorder } = this.session
    recorder.add('sse_events', this.tags)
    const example = `expected an event as a JSON object, got ${shortened(data, 100)}`
    recorder.fail({ reason: 'body', name: this.route.name, example })
  }
}

function isControl(type: string): boolean {
  return type === controlFrames.lagged || type === controlFrames.reset
}

function objectIn(content: unknown): Partial<ResetFrame & LaggedFrame> | undefined {
  return typeof content === 'object' && content !== null ? content : undefined
}

/** A filter by type leaves holes in the offsets of a partition, and so does a group whose partitions move. */
function hasHolesByDesign(path: string): boolean {
  const query = new URLSearchParams(path.split('?')[1])
  return query.has('event_type') || query.has('consumer_group')
}
