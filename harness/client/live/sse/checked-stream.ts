import { StreamDelivery } from '../../../delivery/stream-delivery.ts'
import type { Session } from '../../../session/session.ts'
import type { SseDependencies } from '../dependencies.ts'
import { type FollowOptions, type RequestedStream, StreamConsumer } from './stream-consumer.ts'

/** A stream whose events have places: their order, gaps, duplicates and latency are checked. */
export abstract class CheckedStream<Item> extends StreamConsumer<Item> {
  protected readonly delivery: StreamDelivery

  /** @param options with `ordered`: whether an event follows the one before it in its partition without a hole. */
  constructor(
    dependencies: SseDependencies,
    session: Session,
    request: RequestedStream,
    options: FollowOptions & { ordered: boolean },
    ordinal: number,
  ) {
    super(dependencies, session, request, options, ordinal)
    this.delivery = new StreamDelivery({
      clock: dependencies.clock,
      recorder: session.recorder,
      tagsOf: stream => dependencies.tags.ofStream(session, this.route, { stream }),
      fanOut: dependencies.fanOut,
      tenant: this.tenant,
      ordered: options.ordered,
    })
  }

  protected onEnd(): void {
    this.delivery.end()
  }

  /** Starts over behind this cursor, if the server gave one: the next event need not follow the last. */
  protected reset(cursor: string | undefined): void {
    this.session.recorder.add('sse_resets', this.tags)
    this.delivery.end()
    if (cursor === undefined) return
    this.lastEventId(cursor)
    this.current?.continueAfter(cursor)
  }
}
