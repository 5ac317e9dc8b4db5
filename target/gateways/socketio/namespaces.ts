import { offsetText, type SocketioNamespace } from '../../../contract/socketio/namespaces.ts'
import { quoteStreamPrefix } from '../../../contract/sockets/quotes.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import { RoomMessage } from '../../domain/chat/room-message.ts'
import type { ChatEndpoint } from '../../sockets/endpoints/chat.ts'
import type { Endpoint } from '../../sockets/endpoint.ts'
import type { Streams } from '../../streams/streams.ts'
import { NamespaceEncoder } from './namespace-encoder.ts'
import type { GatewayNamespace } from './namespace.ts'
import { controlPacket } from './packet.ts'
import type { StreamsNamespace } from './streams-namespace.ts'

export interface NamespaceDependencies {
  streamsNamespace: StreamsNamespace
  chat: ChatEndpoint
  quotes: Endpoint
  notifications: Endpoint
  streams: Streams
  hall: Hall
}

/** Returns the namespaces, each in front of the endpoint that serves the same over WebSockets. */
export function namespacesOf(dependencies: NamespaceDependencies): GatewayNamespace[] {
  const { streamsNamespace, chat, quotes, notifications, streams, hall } = dependencies
  return [
    {
      ...named('/streams', streamsNamespace),
      demands: undefined,
      again(name, { exchange }, { after }) {
        const [stream = '', group] = name.split(' ')
        return { stream, cursor: streams.tenant(exchange.tenant).cursor(after.get(stream) ?? 0), group }
      },
    },
    {
      ...named('/chat', chat),
      demands: 'sockets.chat',
      again: channel => ({ channel }),
      replay(channel, { tenant, outlet, connection }, { after, own }) {
        const { first, messages, complete } = hall.excerpt(
          tenant,
          channel,
          Number.POSITIVE_INFINITY,
          after.get(channel),
        )
        if (!complete)
          connection.enqueue(controlPacket('/chat', 'reset', JSON.stringify({ channel, reason: 'retention' })))
        for (const [index, text] of messages.entries()) {
          const sequence = first + index
          if (own.has(offsetText(channel, sequence))) continue
          outlet.enqueue(chat.message(new RoomMessage(channel, channel, sequence, text)))
        }
      },
    },
    {
      ...named('/quotes', quotes),
      demands: undefined,
      again: symbol => ({ streams: [`${quoteStreamPrefix}${symbol}`] }),
    },
    {
      ...named('/notifications', notifications),
      demands: 'sockets.notifications',
      again: topic => ({ topics: [topic] }),
    },
  ]
}

function named(name: SocketioNamespace, endpoint: Endpoint) {
  return { name, endpoint, encoder: new NamespaceEncoder(name) }
}
