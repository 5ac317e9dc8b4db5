import type { EventEmitter } from 'node:events'
import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Failure } from '../metrics/recorder.ts'
import { openedPayload, type ParsedFrame } from './graphql-payload.ts'
import { openedSocketioEvent, socketioTurns } from './socketio-events.ts'
import { openedMessage } from './stomp-frames.ts'
import { quoteStreamPrefix } from '../../contract/sockets/quotes.ts'

/** How the frames of a protocol carry events, by `type` (or `op`). Every protocol numbers its events in `sequence`. */
export interface EventFrames {
  /** Field that names the owner of a sequence: a channel, a topic, a symbol or a document. */
  key: string
  /** Frames that carry an event. Each function returns the wall time of the event in ms, if the frame has it. */
  events: Record<string, (frame: ParsedFrame) => unknown>
  /** Responses that take the place of an event for its author. */
  own?: readonly string[]
  /** Frames that start or end sequences. */
  turns: Record<string, (frame: ParsedFrame) => Turn>
  /**
   * Names the field with the wall time of all its events, and the object that the field is in. Set where the accounts need nothing besides
   * this field, the type, the key and the sequence of an event: these can be read from the bytes.
   */
  scanned?: { timestamp?: string; within?: string }
  /** Finds the event in a frame of an envelope of its own; undefined if there is none. */
  open?: (frame: ParsedFrame) => ParsedFrame | undefined
  /** Returns what reads the frames out of the messages of one connection, where they are not JSON. */
  decoder?: (connection: DecodedConnection) => (data: Buffer) => readonly object[]
  /** Opens what carries the frames in place of a WebSocket. Its requests are counted on their own. */
  carrier?: (url: string) => CarriedSocket
}

/** The part of a WebSocket of the library that a connection uses. */
export interface CarriedSocket extends EventEmitter {
  readonly readyState: number
  readonly bufferedAmount: number
  send(data: string | Buffer, onSent?: (error?: Error) => void): void
  ping(data: Buffer): void
  pause(): void
  resume(): void
  close(code: number, reason: string): void
  /** @param failure why the client gives it up */
  terminate(failure?: Pick<Failure, 'reason' | 'example'>): void
}

/** A connection as a protocol over it needs it. What the scenario sends waits until `onOpen` has set it up. */
export interface DecodedConnection {
  send(data: string): unknown
  /** Gives it up. */
  lose(failure: Pick<Failure, 'reason' | 'example'>): void
}

export interface Turn {
  keys: readonly unknown[]
  /** Number before the first event of a sequence that starts. Absent: the sequence ends, or starts with its first event. */
  after?: unknown
}

/** Stands for a name that a frame does not give. */
export const UNNAMED = 'undefined'

/** Returns a name as text. A server may send anything in its place, even an object that does not become text. */
export function nameFrom(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : UNNAMED
}

const untold = () => undefined
const keyOf =
  (name: string) =>
  (frame: ParsedFrame): Turn => ({ keys: [frame[name]] })
const startOf =
  (name: string) =>
  (frame: ParsedFrame): Turn => ({ keys: [frame[name]], after: frame['sequence'] })
const listed =
  (name: string, prefix = '') =>
  (frame: ParsedFrame): Turn => {
    const names = frame[name]
    return { keys: Array.isArray(names) ? names.map(key => nameFrom(key).slice(prefix.length)) : [] }
  }

/** Results of GraphQL subscriptions, of any server. */
export const graphqlFrames: EventFrames = {
  key: 'place',
  events: { next: ({ timestamp }) => timestamp },
  turns: {},
  open: frame => (frame['type'] === 'next' ? openedPayload(frame['payload']) : undefined),
}

export const eventFrames: Record<SocketOperation, EventFrames> = {
  'sockets.chat': {
    key: 'channel',
    events: { message_delivered: ({ message }) => (message as ParsedFrame | undefined)?.['sentAt'] },
    own: ['message_ack'],
    turns: { subscription_confirmed: startOf('channel'), unsubscription_confirmed: keyOf('channel') },
    scanned: { timestamp: 'sentAt', within: 'message' },
  },
  'sockets.notifications': {
    key: 'topic',
    events: {
      notification: ({ created_at }) => created_at,
      order_update: ({ created_at }) => created_at,
      invoice_ready: ({ created_at }) => created_at,
    },
    turns: { subscribed: listed('topics'), unsubscribed: listed('topics') },
    scanned: { timestamp: 'created_at' },
  },
  'sockets.quotes': {
    key: 'symbol',
    events: { quote: ({ ts }) => ts },
    turns: {
      subscribed: listed('streams', quoteStreamPrefix),
      unsubscribed: listed('streams', quoteStreamPrefix),
      snapshot: startOf('symbol'),
    },
    scanned: { timestamp: 'ts' },
  },
  'graphql.subscribe': graphqlFrames,
  'socketio.connect': {
    key: 'place',
    events: { event: ({ timestamp }) => timestamp },
    turns: socketioTurns,
    open: openedSocketioEvent,
  },
  'stomp.connect': {
    key: 'place',
    events: { message: ({ timestamp }) => timestamp },
    turns: {},
    open: openedMessage,
  },
  'sockets.collaboration': {
    key: 'documentId',
    events: { operation_applied: untold, presence: untold },
    turns: {
      document_joined: startOf('documentId'),
      document_left: keyOf('documentId'),
      // Without `resync`, the replay continues the sequence.
      session_resumed: frame => (frame['resync'] === undefined ? { keys: [] } : startOf('documentId')(frame)),
    },
    scanned: {},
  },
}
