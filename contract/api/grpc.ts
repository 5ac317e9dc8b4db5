import { operationsOf, type OperationTable } from './operation.ts'

const answers = {
  200: {
    description: 'Messages of gRPC. The status is in the trailers.',
    mediaTypes: ['application/grpc+proto', 'application/grpc'],
  },
}
const problems = ['not_found', 'unsupported_media_type', 'malformed_body', 'deadline_exceeded'] as const
const events = ['invalid_event', 'unknown_event_type', 'too_many_streams', 'too_many_tenants'] as const
const streams = ['too_many_connections', 'too_many_streams', 'not_ready'] as const

export const grpcOperations = operationsOf({ tag: 'gRPC', access: { kind: 'public' } }, {
  'grpc.publish': {
    request: 'POST /loadcell.v1.Events/Publish',
    summary: 'Publishes one event, while `grpc.enabled` is on.',
    access: { kind: 'bearer', scope: 'events.write' },
    answers,
    problems: [...problems, ...events, 'idempotency_key_reused', 'idempotency_in_flight'],
  },
  'grpc.publish_all': {
    request: 'POST /loadcell.v1.Events/PublishAll',
    summary: 'Publishes a stream of events, each as it arrives.',
    access: { kind: 'bearer', scope: 'events.write' },
    answers,
    problems: [...problems, ...events],
  },
  'grpc.subscribe': {
    request: 'POST /loadcell.v1.Events/Subscribe',
    summary: 'Follows streams.',
    access: { kind: 'bearer', scope: 'streams.read' },
    answers,
    problems: [...problems, ...streams, 'invalid_cursor', 'too_many_tenants'],
  },
  'grpc.chat': {
    request: 'POST /loadcell.v1.Chat/Converse',
    summary: 'Joins a room of the chat; both sides speak.',
    access: { kind: 'bearer', scope: 'chat' },
    answers,
    problems: [...problems, ...streams],
  },
  'grpc.quote': {
    request: 'POST /loadcell.v1.Quotes/Get',
    summary: 'Returns the current quote of a symbol.',
    answers,
    problems: [...problems, 'unknown_symbol'],
  },
  'grpc.quotes': {
    request: 'POST /loadcell.v1.Quotes/Follow',
    summary: 'Follows the quotes of symbols.',
    answers,
    problems: [...problems, ...streams, 'unknown_symbol'],
  },
  'grpc.health': {
    request: 'POST /grpc.health.v1.Health/Check',
    summary: 'Tells whether a service accepts calls.',
    answers,
    problems: [...problems, 'unknown_service'],
  },
  'grpc.health_watch': {
    request: 'POST /grpc.health.v1.Health/Watch',
    summary: 'Tells whether a service accepts calls, and again when that changes.',
    answers,
    problems: [...problems, ...streams],
  },
  'grpc.reflect': {
    request: 'POST /grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    summary: 'Describes the services.',
    answers,
    problems: [...problems, ...streams],
  },
  'grpc.reflect_alpha': {
    request: 'POST /grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
    summary: 'Describes the services, for older clients.',
    answers,
    problems: [...problems, ...streams],
  },
} as const satisfies OperationTable)
