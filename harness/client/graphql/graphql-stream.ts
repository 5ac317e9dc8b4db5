import { cursorIn, streamEventIn } from '../../delivery/graphql-payload.ts'
import type { GraphqlResult } from '../../scenario/graphql.ts'
import type { RawStreamOptions } from '../../scenario/streams.ts'
import type { Session } from '../../session/session.ts'
import type { SseDependencies } from '../live/dependencies.ts'
import { CheckedStream } from '../live/sse/checked-stream.ts'
import type { StreamMessage } from '../live/sse/event-parser.ts'
import type { RequestedStream } from '../live/sse/stream-consumer.ts'
import { parsedIfJson } from '../message/content.ts'
import { failureOf } from './result-judge.ts'

/** A subscription over server-sent events. */
export class GraphqlStream extends CheckedStream<GraphqlResult<unknown>> {
  readonly done: Promise<void>

  constructor(
    dependencies: SseDependencies,
    session: Session,
    request: RequestedStream,
    options: RawStreamOptions & { ordered: boolean },
    ordinal: number,
  ) {
    super(dependencies, session, request, options, ordinal)
    this.done = this.start()
  }

  protected receive({ type, data }: StreamMessage): void {
    // The server wants the client to leave for good; what has come is still read.
    if (type === 'complete') return this.disconnect(1000, '')
    if (type !== 'next') return
    const payload = parsedIfJson(data)
    const event = streamEventIn(payload)
    if (event === 'reset') return this.reset(cursorIn(payload))
    if (event === undefined) return
    this.account.received += 1
    this.delivery.received(event)
    const result = (typeof payload === 'object' ? payload : {}) as GraphqlResult<unknown>
    if (result.errors !== undefined) this.session.recorder.fail({ name: this.route.name, ...failureOf(result.errors) })
    this.inbox.push(result, data.length)
  }
}
