import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'

const query = Type.Object(
  {
    EIO: Type.Optional(Type.String({ maxLength: 8, description: 'Revision of Engine.IO: 4.' })),
    transport: Type.Optional(Type.String({ maxLength: 32, description: 'polling or websocket.' })),
    sid: Type.Optional(
      Type.String({ maxLength: 256, description: 'The session; absent in the request that opens it.' }),
    ),
  },
  { additionalProperties: true },
)
const EngineRefusal = Type.Object({ code: Type.Integer(), message: Type.String() })
const refused = { description: 'The session or transport is unknown.', schema: EngineRefusal }
const problems = ['not_found', 'too_many_connections', 'not_ready'] as const

export const socketioOperations = operationsOf({ tag: 'Socket.IO', access: { kind: 'public' } }, {
  'socketio.connect': {
    request: 'GET /socket.io/',
    summary:
      'Opens a session of Engine.IO 4, while `socketio.enabled` is on: as a WebSocket, or as a poll that waits for packets.',
    query,
    answers: {
      101: { description: 'From here on, packets of Engine.IO.' },
      200: { description: 'Packets of Engine.IO, separated by U+001E.' },
      400: refused,
    },
    problems: [...problems, 'upgrade_required'],
  },
  'socketio.send': {
    request: 'POST /socket.io/',
    summary: 'Sends packets of Engine.IO in a session that polls.',
    query,
    body: { schema: Type.String(), mediaType: 'text/plain', examples: { 'a connect': '40/quotes,' } },
    answers: { 200: { description: 'The text ok.' }, 400: refused },
    problems: [...problems, 'malformed_body', 'body_too_large'],
  },
} as const satisfies OperationTable)
