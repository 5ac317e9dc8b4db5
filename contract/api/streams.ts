import { Type } from 'typebox'
import type { Operation } from '../operation.ts'

const access = { kind: 'bearer', scope: 'streams.read' } as const
const tag = 'Streams'
const query = {
  partition: Type.Optional(Type.String({ description: 'Only these partitions, separated by commas.' })),
  event_type: Type.Optional(Type.String({ description: 'Only these types, separated by commas.' })),
  format: Type.Optional(Type.Enum(['sse', 'ndjson'])),
  from: Type.Optional(Type.Enum(['latest', 'earliest'])),
  region: Type.Optional(Type.String({ maxLength: 64, description: 'Where the consumer is: a label.' })),
  consumer_group: Type.Optional(Type.String({ maxLength: 128, description: 'Consumers of a group share the stream.' })),
  last_event_id: Type.Optional(Type.String({ description: 'For clients that cannot set the header.' })),
}
const headers = Type.Object({
  'Last-Event-ID': Type.Optional(Type.String({ description: 'The cursor to resume after.' })),
})
const answers = {
  200: {
    description: 'Events as they come, until the client leaves.',
    mediaTypes: ['text/event-stream', 'application/x-ndjson'],
  },
}

export const streamOperations = {
  'streams.notifications': {
    method: 'GET',
    path: '/v1/streams/notifications',
    summary: 'Follows several streams as one.',
    tag,
    access,
    query: Type.Object({
      channels: Type.String({ description: 'Streams, separated by commas.', examples: ['inventory,pricing'] }),
      ...query,
    }),
    headers,
    answers,
    problems: ['unknown_stream', 'invalid_cursor', 'too_many_connections', 'too_many_streams', 'too_many_tenants'],
  },
  'streams.read': {
    method: 'GET',
    path: '/v1/streams/{stream}',
    summary: 'Follows a stream.',
    tag,
    access,
    parameters: Type.Object({ stream: Type.String({ examples: ['orders'] }) }),
    query: Type.Object(query),
    headers,
    answers,
    problems: ['unknown_stream', 'invalid_cursor', 'too_many_connections', 'too_many_streams', 'too_many_tenants'],
  },
} as const satisfies Record<string, Operation>
