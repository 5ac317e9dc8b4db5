import type { LaggedFrame, ResetFrame } from '../../../contract/streams.ts'
import type { About, Frame } from '../../connections/frame.ts'
import { chunkOf } from '../../connections/http-wire.ts'
import type { MessageEncoder, RoomMessage } from '../../domain/chat/room-message.ts'
import { sse } from '../../protocols/sse.ts'
import type { OutgoingEvent, StreamProtocol } from '../../protocols/stream-protocol.ts'
import { roomName } from '../channel-follower.ts'
import type { FieldSelection } from './selection.ts'

/** Writes the results of a subscription as server-sent events (graphql-sse, distinct connections). */
export class GraphqlEventStream implements StreamProtocol, MessageEncoder {
  readonly contentType = sse.contentType
  readonly keepAlive = sse.keepAlive
  readonly isTransient = true
  readonly #selection: FieldSelection
  #event: OutgoingEvent | undefined
  #frame: Frame | undefined

  constructor(selection: FieldSelection) {
    this.#selection = selection
  }

  preamble(retryMs: number): Frame | undefined {
    return sse.preamble(retryMs)
  }

  /** The last frame is remembered, because all followers get an event in turn. */
  event(event: OutgoingEvent): Frame {
    if (this.#event === event) return this.#frame as Frame
    this.#event = event
    return (this.#frame = next(this.#selection.ofEvent(event), event.cursor, event.about, event.key))
  }

  message(message: RoomMessage): Frame {
    const { channel, sequence } = message
    return next(this.#selection.ofMessage(message), undefined, { kind: 'event', channel: roomName(channel), sequence })
  }

  reset(reset: ResetFrame): Frame {
    return next(this.#selection.ofControl({ reset }), reset.cursor)
  }

  lagged(lagged: LaggedFrame): Frame {
    return next(this.#selection.ofControl({ lagged }))
  }
}

/** Returns the events of a query or mutation: its result, and its end. */
export function eventsOf(result: string): string {
  return `event: next\ndata: ${result}\n\n${COMPLETE}`
}

const COMPLETE = 'event: complete\ndata:\n\n'

function next(payload: string, cursor?: string, about?: About, key?: string): Frame {
  const id = cursor === undefined ? '' : `id: ${cursor}\n`
  return chunkOf(`${id}event: next\ndata: ${payload}\n\n`, about, key)
}
