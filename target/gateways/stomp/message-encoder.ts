import type { LaggedFrame, ResetFrame } from '../../../contract/streams.ts'
import { controlHeader } from '../../../contract/stomp/outcome.ts'
import type { StompVersion } from '../../../contract/stomp/version.ts'
import { headerLines, heartbeat, writeFrame } from '../../../contract/stomp/write-frame.ts'
import type { EventAbout, Frame } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import type { MessageEncoder as RoomEncoder, RoomMessage } from '../../domain/chat/room-message.ts'
import type { OutgoingEvent, StreamProtocol } from '../../protocols/stream-protocol.ts'

/** Parts that all deliveries of a message share: the headers without those of its subscription, and the body. */
export interface MessageContent {
  /** Unique within its subscription. */
  id: string
  /** Headers after those of the subscription, and the body. */
  rest: string
  about: EventAbout
  key: string | undefined
  /** The body alone. */
  body: string
  destination: string
}

/** Headers of one delivery. */
export interface DeliveryHeaders {
  ack?: string
  redelivered?: 'true'
  [name: string]: string | undefined
}

export function eventContent(event: OutgoingEvent, version: StompVersion): MessageContent {
  const { about, text, cursor, key } = event
  const { channel, partition, offset } = about
  const id = `${channel}/${partition}/${offset}`
  const destination = `/streams/${channel}`
  const place = { stream: channel, partition, offset, cursor }
  const rest = restOf({ 'message-id': id, destination, 'content-type': 'application/json', ...place }, version, text)
  return { id, rest, about, key, body: text, destination }
}

export function roomContent(message: RoomMessage, version: StompVersion): MessageContent {
  const { channel, sequence, text } = message
  const id = `${channel}/${sequence}`
  const destination = `/rooms/${channel}`
  const place = { channel, sequence }
  const rest = restOf({ 'message-id': id, destination, 'content-type': 'application/json', ...place }, version, text)
  return { id, rest, about: { kind: 'event', channel, sequence }, key: undefined, body: text, destination }
}

/** Returns the frame of one delivery to a subscription. */
export function deliveryOf(
  { rest, about, key }: MessageContent,
  subscription: string,
  version: StompVersion,
  headers: DeliveryHeaders = {},
): Frame {
  const head = `MESSAGE\n${headerLines('MESSAGE', { subscription, ...headers }, version)}`
  return new SocketFrame(
    head + rest,
    { ...about, subscription },
    key === undefined ? undefined : `${subscription} ${key}`,
  )
}

function restOf(headers: Record<string, string | number>, version: StompVersion, body: string): string {
  const lines = headerLines('MESSAGE', headers, version)
  return `${lines}content-length:${Buffer.byteLength(body)}\n\n${body}\0`
}

/**
 * Encodes the messages of subscriptions without acknowledgements. Those with the same id and version share their frames: all that follow
 * a message get it in one turn, so that the last frame is enough to remember.
 */
export class StompEncoder implements StreamProtocol, RoomEncoder {
  readonly contentType = ''
  readonly isTransient = true
  readonly keepAlive: Frame = new SocketFrame(heartbeat)
  readonly subscription: string
  readonly version: StompVersion
  /** Number of subscriptions that use it. */
  users = 0
  #last: { event: OutgoingEvent; frame: Frame } | undefined

  constructor(subscription: string, version: StompVersion) {
    this.subscription = subscription
    this.version = version
  }

  preamble(): undefined {
    return undefined
  }

  event(event: OutgoingEvent): Frame {
    if (this.#last?.event === event) return this.#last.frame
    const frame = deliveryOf(eventContent(event, this.version), this.subscription, this.version)
    this.#last = { event, frame }
    return frame
  }

  message(message: RoomMessage): Frame {
    return deliveryOf(roomContent(message, this.version), this.subscription, this.version)
  }

  reset(reset: ResetFrame): Frame {
    return controlMessage('reset', reset, this)
  }

  lagged(lagged: LaggedFrame): Frame {
    return controlMessage('lagged', lagged, this)
  }
}

/** Returns a message about the subscription itself. */
export function controlMessage(
  control: 'reset' | 'lagged',
  content: ResetFrame | LaggedFrame,
  { subscription, version }: { subscription: string; version: StompVersion },
): Frame {
  const headers = {
    subscription,
    'message-id': control,
    destination: '/control',
    'content-type': 'application/json',
    [controlHeader]: control,
    cursor: 'cursor' in content ? content.cursor : undefined,
  }
  return new SocketFrame(writeFrame('MESSAGE', headers, version, JSON.stringify(content)))
}
