import { Type } from '../../../core/schema.ts'
import { GraphqlRequest } from '../../../contract/api/graphql.ts'
import type { LaggedFrame, ResetFrame } from '../../../contract/streams.ts'
import { Maybe } from '../../../contract/sockets/frames.ts'
import { acknowledgement, control, type EventAbout, type Frame, pong, refusal } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import type { MessageEncoder, RoomMessage } from '../../domain/chat/room-message.ts'
import { jsonProtocol } from '../../protocols/json.ts'
import type { SocketProtocol } from '../../protocols/socket-protocol.ts'
import type { OutgoingEvent, StreamProtocol } from '../../protocols/stream-protocol.ts'
import type { FieldSelection } from './selection.ts'

const Payload = Maybe(Type.Record(Type.String(), Type.Unknown()))
const Id = Type.String({ minLength: 1, maxLength: 256 })

/** Messages that a client may send, by `type`. */
export const transportActions = {
  connection_init: Type.Object({ payload: Payload }),
  ping: Type.Object({ payload: Payload }),
  pong: Type.Object({ payload: Payload }),
  subscribe: Type.Object({ id: Id, payload: GraphqlRequest }),
  complete: Type.Object({ id: Id }),
}

/** Close code of an invalid message. */
const BAD_REQUEST = 4400
/** Close code of a failure of the target. */
const INTERNAL_ERROR = 4500

const json = jsonProtocol('type')

/** graphql-transport-ws: an invalid message closes the connection, and refused operations are answered by their session. */
export const transportProtocol: SocketProtocol = {
  ...json,
  pong: ({ body: { payload } }) =>
    new SocketFrame(JSON.stringify({ type: 'pong', payload: payload ?? undefined }), pong),
  failureCode: INTERNAL_ERROR,
  violation: ({ message }) => ({ code: BAD_REQUEST, reason: message }),
  lagged: ({ dropped, from, to }) => {
    const lagged: LaggedFrame = { dropped, from: placeOf(from), to: placeOf(to) }
    return new SocketFrame(JSON.stringify({ type: 'ping', payload: { lagged } }), control)
  },
}

function placeOf({ channel, sequence, subscription }: EventAbout): string {
  return `${subscription ?? ''}: ${channel}@${sequence}`
}

export function connectionAck(): Frame {
  return new SocketFrame('{"type":"connection_ack"}', acknowledgement())
}

/** @param result JSON of the result of a query or mutation */
export function resultFrame(id: string, result: string): Frame {
  return new SocketFrame(nextOf(JSON.stringify(id), result), acknowledgement())
}

export function completeFrame(id: string): Frame {
  return new SocketFrame(JSON.stringify({ id, type: 'complete' }), acknowledgement())
}

export function errorFrame(id: string, errors: readonly object[]): Frame {
  return new SocketFrame(JSON.stringify({ id, type: 'error', payload: errors }), refusal)
}

/** Encodes the results of one subscription of a connection. */
export class SubscriptionEncoder implements StreamProtocol, MessageEncoder {
  readonly contentType = ''
  readonly isTransient = true
  readonly keepAlive: Frame = new SocketFrame('{"type":"ping"}')
  readonly #selection: FieldSelection
  readonly #id: string
  /** As JSON. */
  readonly #writtenId: string
  #event: OutgoingEvent | undefined
  #frame: Frame | undefined

  constructor(selection: FieldSelection, id: string) {
    this.#selection = selection
    this.#id = id
    this.#writtenId = JSON.stringify(id)
  }

  preamble(): undefined {
    return undefined
  }

  /** The last frame is remembered, because all followers get an event in turn. */
  event(event: OutgoingEvent): Frame {
    if (this.#event === event) return this.#frame as Frame
    const about = { ...event.about, subscription: this.#id }
    const payload = nextOf(this.#writtenId, this.#selection.ofEvent(event))
    this.#event = event
    return (this.#frame = new SocketFrame(payload, about, `${this.#id} ${event.key}`))
  }

  message(message: RoomMessage): Frame {
    const { channel, sequence } = message
    const about = { kind: 'event', channel, sequence, subscription: this.#id } as const
    return new SocketFrame(nextOf(this.#writtenId, this.#selection.ofMessage(message)), about)
  }

  reset(reset: ResetFrame): Frame {
    return new SocketFrame(nextOf(this.#writtenId, this.#selection.ofControl({ reset })))
  }

  lagged(lagged: LaggedFrame): Frame {
    return new SocketFrame(nextOf(this.#writtenId, this.#selection.ofControl({ lagged })))
  }
}

function nextOf(writtenId: string, payload: string): string {
  return `{"id":${writtenId},"type":"next","payload":${payload}}`
}
