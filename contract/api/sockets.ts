import { Type } from '../../core/schema.ts'
import { Name } from '../name.ts'
import { operationsOf, type OperationTable } from './operation.ts'
import { presenceAnswers } from '../sockets/collaboration.ts'

const answers = { 101: { description: 'From here on, text frames of JSON, as described in docs/api.md.' } }
const problems = ['upgrade_required', 'too_many_connections', 'not_ready'] as const
const token = Type.Optional(Type.String({ description: 'In place of the Authorization header.' }))

export const socketOperations = operationsOf({ tag: 'WebSockets' }, {
  'sockets.chat': {
    request: 'GET /ws/chat',
    summary: 'Rooms in which messages reach every member.',
    access: { kind: 'bearer', scope: 'chat', parameter: 'token' },
    query: Type.Object({ token }),
    answers,
    problems,
  },
  'sockets.notifications': {
    request: 'GET /v1/realtime/notifications',
    summary: 'Pushes the notifications of an account.',
    access: { kind: 'bearer', parameter: 'token' },
    query: Type.Object({ token }),
    answers,
    problems,
  },
  'sockets.quotes': {
    request: 'GET /ws/quotes',
    summary: 'Prices of symbols, many times a second.',
    access: { kind: 'public' },
    query: Type.Object({
      clientId: Type.Optional(Name),
      format: Type.Optional(Type.Enum(['json'])),
    }),
    answers,
    problems,
  },
  'sockets.collaboration': {
    request: 'GET /ws/collaboration',
    summary: 'Documents that several people edit at once.',
    access: { kind: 'bearer', scope: 'collaboration', parameter: 'session' },
    query: Type.Object({
      session: token,
      presence: Type.Optional(
        Type.Enum([...presenceAnswers.no, ...presenceAnswers.yes], {
          description: '1: receive the presence of the other members.',
        }),
      ),
    }),
    answers,
    problems,
  },
} as const satisfies OperationTable)
/** Operations that open a WebSocket. */
export type SocketOperation = keyof typeof socketOperations | 'graphql.subscribe' | 'stomp.connect' | 'socketio.connect'
