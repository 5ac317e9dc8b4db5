import { controlFrames } from '../../../../contract/streams.ts'
import type { Tags } from '../../../metrics/catalog.ts'
import type { RawEvent, RawStreamOptions } from '../../../scenario/streams.ts'
import type { Session } from '../../../session/session.ts'
import type { SseDependencies } from '../dependencies.ts'
import type { StreamMessage } from './event-parser.ts'
import { type RequestedStream, StreamConsumer } from './stream-consumer.ts'

/** Under this name both ends count events whose stream they do not tell apart, so that only sums are compared. */
const ANY_STREAM = '(other)'
const CONTROL_FRAMES: ReadonlySet<string> = new Set(Object.values(controlFrames))

/** A stream whose events are passed on as text. They are counted, but nothing is read from them. */
export class RawStream extends StreamConsumer<RawEvent> {
  readonly done: Promise<void>
  readonly #eventTags: Tags

  constructor(
    dependencies: SseDependencies,
    session: Session,
    request: RequestedStream,
    options: RawStreamOptions,
    ordinal: number,
  ) {
    super(dependencies, session, request, options, ordinal)
    this.#eventTags = dependencies.tags.ofStream(session, this.route, { stream: this.isOurs ? ANY_STREAM : '' })
    this.done = this.start()
  }

  protected receive(message: StreamMessage): void {
    // The ledger of a Loadcell target does not count these frames as events.
    if (!this.isOurs || !CONTROL_FRAMES.has(message.type)) {
      this.account.received += 1
      this.session.recorder.add('sse_events', this.#eventTags)
      this.session.recorder.add('sse_events_unplaced', this.#eventTags)
    }
    this.inbox.push(message, message.data.length)
  }

  protected onEnd(): void {}
}
