import type { SocketOperation } from '../../contract/api/sockets.ts'
import { quoteStreamPrefix } from '../../contract/sockets/quotes.ts'

/** A frame as it was parsed: nothing of it is certain. */
export type ParsedFrame = Readonly<Record<string, unknown>>

/** Meaning of a protocol's frames for events, by `type` (or `op`). All count by `sequence`. */
export interface EventFrames {
  /** The field that names what a sequence belongs to: a channel, a topic, a symbol, a document. */
  key: string
  /** Frames that carry an event, and when it happened, in wall ms, where they say it. */
  events: Record<string, (frame: ParsedFrame) => unknown>
  /** Responses that report an event which is not sent to its author. */
  own?: readonly string[]
  /** Frames from which on events are sent, or no longer: the keys, and whether the frame has the sequence they follow. */
  turns: Record<string, (frame: ParsedFrame) => Turn>
}

export interface Turn {
  keys: readonly unknown[]
  /** Sequence before the first one to come, where it is given. */
  after?: unknown
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
    return { keys: Array.isArray(names) ? names.map(key => String(key).slice(prefix.length)) : [] }
  }

export const eventFrames: Record<SocketOperation, EventFrames> = {
  'sockets.chat': {
    key: 'channel',
    events: { message_delivered: ({ message }) => (message as ParsedFrame | undefined)?.['sentAt'] },
    own: ['message_ack'],
    turns: { subscription_confirmed: startOf('channel'), unsubscription_confirmed: keyOf('channel') },
  },
  'sockets.notifications': {
    key: 'topic',
    events: {
      notification: ({ created_at }) => created_at,
      order_update: ({ created_at }) => created_at,
      invoice_ready: ({ created_at }) => created_at,
    },
    turns: { subscribed: listed('topics'), unsubscribed: listed('topics') },
  },
  'sockets.quotes': {
    key: 'symbol',
    events: { quote: ({ ts }) => ts },
    turns: {
      subscribed: listed('streams', quoteStreamPrefix),
      unsubscribed: listed('streams', quoteStreamPrefix),
      snapshot: startOf('symbol'),
    },
  },
  'sockets.collaboration': {
    key: 'documentId',
    events: { operation_applied: untold, presence: untold },
    turns: {
      document_joined: startOf('documentId'),
      document_left: keyOf('documentId'),
      // Without the text as it is, what follows continues what came before.
      session_resumed: frame => (frame['resync'] === undefined ? { keys: [] } : startOf('documentId')(frame)),
    },
  },
}
