import type { DeliveredEvent } from '../../../contract/api/events.ts'
import { cursorIn, streamEventIn } from '../../delivery/graphql-payload.ts'
import { StreamDelivery } from '../../delivery/stream-delivery.ts'
import type { GraphqlResult } from '../../scenario/graphql.ts'
import type { RawStreamOptions } from '../../scenario/streams.ts'
import type { Session } from '../../session/session.ts'
import type { SseDependencies } from '../live/dependencies.ts'
import { type RequestedStream, StreamConsumer } from '../live/sse/stream-consumer.ts'
import type { StreamMessage } from '../live/sse/event-parser.ts'
import { parsedIfJson } from '../message/content.ts'
import { failureOf } from './result-judge.ts'

/** A subscription over server-sent events. */
export class GraphqlStream extends StreamConsumer<GraphqlResult<unknown>> {
  readonly done: Promise<void>
  readonly #delivery: StreamDelivery

  constructor(
    dependencies: SseDependencies,
    session: Session,
    request: RequestedStream,
    options: RawStreamOptions & { ordered: boolean },
    ordinal: number,
  ) {
    super(dependencies, session, request, options, ordinal)
    this.#delivery = new StreamDelivery({
      clock: dependencies.clock,
      recorder: session.recorder,
      tagsOf: stream => dependencies.tags.ofStream(session, this.route, { stream }),
      fanOut: dependencies.fanOut,
      tenant: this.tenant,
      ordered: options.ordered,
    })
    this.done = this.start()
  }

  protected receive({ type, data }: StreamMessage): void {
    // The server wants the client to leave for good; what has come is still read.
    if (type === 'complete') return this.disconnect(1000, '')
    if (type !== 'next') return
    const payload = parsedIfJson(data)
    const event = streamEventIn(payload)
    if (event === 'reset') return this.#reset(cursorIn(payload))
    if (event === undefined) return
    this.account.received += 1
    this.#delivery.received(event as unknown as DeliveredEvent)
    const result = (typeof payload === 'object' ? payload : {}) as GraphqlResult<unknown>
    if (result.errors !== undefined) this.session.recorder.fail({ name: this.route.name, ...failureOf(result.errors) })
    this.inbox.push(result, data.length)
  }

  protected onEnd(): void {
    this.#delivery.end()
  }

  /** The next event need not follow the last. */
  #reset(cursor: string | undefined): void {
    this.session.recorder.add('sse_resets', this.tags)
    this.#delivery.end()
    if (cursor === undefined) return
    this.lastEventId(cursor)
    this.current?.continueAfter(cursor)
  }
}
