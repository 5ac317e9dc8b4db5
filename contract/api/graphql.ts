import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { Maybe } from '../sockets/frames.ts'
import { operationsOf, type OperationTable } from './operation.ts'

const Parameters = Type.Record(Type.String(), Type.Unknown())

export const GraphqlRequest = Type.Object({
  query: Type.String({ minLength: 1, description: 'The document.' }),
  operationName: Maybe(Type.String({ maxLength: 256 })),
  variables: Maybe(Parameters),
  extensions: Maybe(Parameters),
})
export type GraphqlRequest = Static<typeof GraphqlRequest>

const inQuery = Type.Object({
  query: Type.String({ description: 'The document.', examples: ['{ categories { slug } }'] }),
  operationName: Type.Optional(Type.String()),
  variables: Type.Optional(Type.String({ description: 'JSON of an object.' })),
  extensions: Type.Optional(Type.String({ description: 'JSON of an object.' })),
})

const Result = Type.Object({
  data: Maybe(Parameters),
  errors: Type.Optional(Type.Array(Type.Object({ message: Type.String() }, { additionalProperties: true }))),
  extensions: Type.Optional(Parameters),
})
const mediaTypes = ['application/graphql-response+json', 'application/json']
const answers = {
  200: { description: 'The result. Fields that failed are null and listed in `errors`.', schema: Result, mediaTypes },
  400: {
    description: 'The document was refused before it was executed, as `application/graphql-response+json` says it.',
    schema: Result,
    mediaTypes,
  },
}
const events = {
  200: { description: 'Events `next` and `complete`.', mediaTypes: ['text/event-stream'] },
  400: { description: 'The document was refused.', schema: Result },
}
const problems = ['not_found', 'not_acceptable'] as const
const streamProblems = ['not_found', 'invalid_cursor', 'too_many_connections', 'too_many_streams', 'not_ready'] as const
const examples = { query: { query: '{ products(limit: 2) { items { id name price } } }' } }

export const graphqlOperations = operationsOf({ tag: 'GraphQL', access: { kind: 'guest' } }, {
  'graphql.query': {
    request: 'POST /graphql',
    summary: 'Executes a query or mutation of GraphQL, while `graphql.enabled` is on.',
    headers: Type.Object({ 'Idempotency-Key': Type.Optional(Type.String({ minLength: 1, maxLength: 256 })) }),
    body: { schema: GraphqlRequest, examples },
    answers,
    problems: [...problems, 'idempotency_key_reused', 'idempotency_in_flight'],
  },
  'graphql.get': {
    request: 'GET /graphql',
    summary: 'Executes a query of GraphQL.',
    query: inQuery,
    answers,
    problems,
  },
  'graphql.stream': {
    request: 'POST /graphql/stream',
    summary: 'Follows a subscription by server-sent events (graphql-sse, distinct connections).',
    body: { schema: GraphqlRequest, examples },
    answers: events,
    problems: streamProblems,
  },
  'graphql.stream_get': {
    request: 'GET /graphql/stream',
    summary: 'Follows a subscription by server-sent events.',
    query: inQuery,
    answers: events,
    problems: streamProblems,
  },
  'graphql.subscribe': {
    request: 'GET /graphql/subscriptions',
    summary: 'Speaks graphql-transport-ws over a WebSocket. The token is in `connection_init`, or in the header.',
    access: { kind: 'public' },
    query: Type.Object({}),
    answers: { 101: { description: 'From here on, messages of graphql-transport-ws.' } },
    problems: ['not_found', 'upgrade_required', 'too_many_connections', 'not_ready'],
  },
} as const satisfies OperationTable)
