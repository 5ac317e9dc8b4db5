import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'

export const stompOperations = operationsOf({ tag: 'STOMP', access: { kind: 'public' } }, {
  'stomp.connect': {
    request: 'GET /stomp',
    summary: 'Speaks STOMP over a WebSocket, while `stomp.enabled` is on. The token is in CONNECT, or in the header.',
    query: Type.Object({}),
    answers: { 101: { description: 'From here on, frames of STOMP 1.2, 1.1 or 1.0.' } },
    problems: ['not_found', 'upgrade_required', 'too_many_connections', 'not_ready'],
  },
} as const satisfies OperationTable)
