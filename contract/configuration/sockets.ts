import { Type } from 'typebox'
import { slowConsumer } from './slow-consumer.ts'
import { closed, duration } from './value.ts'

export const SocketsConfiguration = Type.Object(
  {
    connections: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20_000,
      description: 'WebSockets open at once.',
    }),
    frameBytes: Type.Integer({
      minimum: 1024,
      maximum: 16_777_216,
      default: 262_144,
      description: 'Largest frame a client may send; a larger one closes the socket with 1009.',
    }),
    subscriptions: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'Channels, topics, symbols or documents one connection may follow.',
    }),
    pingInterval: duration('30s', 'The server pings this often.'),
    missedPongs: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 2,
      description:
        'Pings that may go unanswered; one more closes the socket in auth.mode strict, and is counted in lenient.',
    }),
    compression: Type.Boolean({
      default: false,
      description: 'permessage-deflate, where the client offers it.',
    }),
    slowConsumer: slowConsumer('What happens when the outbound budget is spent; quotes.policy is the one of quotes.'),
  },
  closed,
)
