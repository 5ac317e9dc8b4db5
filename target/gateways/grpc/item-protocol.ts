import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { grpcMediaType } from '../../../contract/grpc/services.ts'
import type { LaggedFrame, ResetFrame } from '../../../contract/streams.ts'
import { type About, control, type Frame } from '../../connections/frame.ts'
import type { MessageEncoder, RoomMessage } from '../../domain/chat/room-message.ts'
import type { OutgoingEvent, StreamProtocol } from '../../protocols/stream-protocol.ts'
import { otherId } from '../../faults/request/corrupt-json.ts'
import { roomName } from '../channel-follower.ts'
import { GrpcFrame, prefixed } from './grpc-frame.ts'
import { GrpcWire } from './grpc-wire.ts'
import type { GrpcSchema } from './library.ts'

/** Fields that say which request an answer confirms. */
const NAMES = ['id', 'channel', 'symbol']

/** Writes the items of one kind of stream, such as `StreamItem`. All its followers share one of these, and so the frames. */
export class ItemProtocol implements StreamProtocol, MessageEncoder {
  readonly contentType = grpcMediaType
  readonly keepAlive: Frame
  readonly #serialize: (item: object) => Buffer

  /**
   * @param name full name of the message
   * @param alive item that says that the call is alive
   */
  constructor(library: GrpcSchema, name: string, alive: object = { keep_alive: {} }) {
    const codec = library.codec(name)
    const serialize = (item: object) => codec.serialize(item)
    this.#serialize = serialize
    this.keepAlive = this.frame(alive)
  }

  frame(item: object, about: About = control, key?: string): Frame {
    const frame = new GrpcFrame(prefixed(this.#serialize(item)), about, key)
    if (about.kind !== 'answer' || about.verb !== 'acknowledgement') return frame
    const misdirected = () => new GrpcFrame(prefixed(this.#serialize(withOtherName(item))), about, key)
    return Object.assign(frame, { misdirected })
  }

  http2Wire(response: ServerResponse, stream: ServerHttp2Stream): GrpcWire {
    return new GrpcWire(response, stream)
  }

  preamble(): undefined {}

  event({ type, text, cursor, about, key }: OutgoingEvent): Frame {
    const { channel: stream, partition, offset } = about
    return this.frame({ event: { stream, partition, offset, cursor, event_type: type, json: text } }, about, key)
  }

  message({ channel, sequence, text }: RoomMessage): Frame {
    const about = { kind: 'event', channel: roomName(channel), sequence } as const
    return this.frame({ message: { channel, sequence, json: text } }, about)
  }

  reset({ reason, lost, cursor }: ResetFrame): Frame {
    return this.frame({ reset: { reason, lost: lost === 'unknown' ? [] : lost, cursor } })
  }

  lagged(lagged: LaggedFrame): Frame {
    return this.frame({ lagged })
  }
}

/** Returns an item whose answer names another message, room or symbol; an equal one if it names none. */
function withOtherName(item: object): object {
  const [[kind, answer]] = Object.entries(item) as [[string, Record<string, unknown>]]
  const name = NAMES.find(each => typeof answer[each] === 'string')
  return name === undefined ? item : { [kind]: { ...answer, [name]: otherId(answer[name] as string) } }
}
