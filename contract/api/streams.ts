import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'
import { Name } from '../name.ts'
import { PageOf, pageQuery } from './page.ts'
import { ResetFrame } from '../streams.ts'

/** A stream in the list of all. */
export const StreamSummary = Type.Object({
  stream: Type.String(),
  partitions: Type.Integer(),
  accepted: Type.Integer({ description: 'Events accepted in this epoch.' }),
  kept: Type.Integer({ description: 'Events that are still kept.' }),
  bytes: Type.Integer({ description: 'Approximate size of these events.' }),
  subscribers: Type.Integer({ description: 'Current number of consumers, including waiting polls.' }),
  groups: Type.Integer({ description: 'Consumer groups, including those without members.' }),
})
export type StreamSummary = Static<typeof StreamSummary>

export const StreamPage = PageOf(StreamSummary)

export const PartitionStats = Type.Object({
  partition: Type.Integer(),
  first_offset: Type.Integer({ description: 'Offset of the oldest event kept; next_offset without any.' }),
  next_offset: Type.Integer(),
  kept: Type.Integer(),
  accepted: Type.Integer(),
  share: Type.Number({ minimum: 0, maximum: 1, description: 'Share of all events of the stream; 0 before the first.' }),
})
export type PartitionStats = Static<typeof PartitionStats>

export const GroupMemberStats = Type.Object({
  key: Type.String({ description: 'The X-Loadcell-Exchange it sent, else connection-<n>.' }),
  partitions: Type.Array(Type.Integer(), { description: 'Empty for a member without partitions.' }),
  lag: Type.Integer({ description: 'Events of its partitions that were accepted and not yet handed to its socket.' }),
})
export type GroupMemberStats = Static<typeof GroupMemberStats>

export const GroupStats = Type.Object({
  group: Type.String(),
  members: Type.Array(GroupMemberStats, { description: 'Empty while the group only keeps its position.' }),
  lag: Type.Integer({ description: 'Over all partitions.' }),
  partitions: Type.Array(
    Type.Object({
      partition: Type.Integer(),
      next_offset: Type.Integer({ description: 'Offset of the first event that was not handed over yet.' }),
      lag: Type.Integer(),
    }),
  ),
})
export type GroupStats = Static<typeof GroupStats>

export const StreamStats = Type.Object({
  stream: Type.String(),
  epoch: Type.String({ description: 'Changes with a restart or reset; cursors and offsets belong to it.' }),
  cursor: Type.String({ description: 'Just after the newest event of all streams.' }),
  accepted: Type.Integer(),
  kept: Type.Integer(),
  bytes: Type.Integer(),
  subscribers: Type.Integer(),
  evicted: Type.Object(
    { events: Type.Integer(), bytes: Type.Integer(), age: Type.Integer(), memory: Type.Integer() },
    { description: 'Events that retention evicted, by the limit reached; memory is the budget of the process.' },
  ),
  partitions: Type.Array(PartitionStats),
  groups: Type.Array(GroupStats),
})
export type StreamStats = Static<typeof StreamStats>

export const PolledEvent = Type.Object(
  {
    event_type: Type.String(),
    event_id: Type.String(),
    stream: Type.String(),
    partition: Type.Integer(),
    offset: Type.Integer(),
    published_at: Type.Number({ description: 'Milliseconds since the Unix epoch.' }),
  },
  { description: 'The event as it was published, with its position, as in `data:` of the stream.' },
)

export const PollAnswer = Type.Object({
  events: Type.Array(PolledEvent),
  cursor: Type.String({ description: 'Cursor for the next poll.' }),
  reset: Type.Optional(ResetFrame),
})
export type PollAnswer = Static<typeof PollAnswer>

/** In the query for `EventSource`, which cannot set a header (RFC 6750, section 2.3). */
const access = { kind: 'bearer', scope: 'streams.read', parameter: 'access_token' } as const
const parameters = Type.Object({ stream: Type.String({ ...Name, examples: ['orders'] }) })
const filters = {
  partition: Type.Optional(Type.String({ description: 'Only these partitions, separated by commas.' })),
  event_type: Type.Optional(Type.String({ description: 'Only these types, separated by commas.' })),
  from: Type.Optional(
    Type.Enum(['latest', 'earliest'], { description: 'Where to begin without a cursor. Default: latest.' }),
  ),
  region: Type.Optional(Type.String({ ...Name, description: 'Label for the location of the consumer.' })),
  consumer_group: Type.Optional(Type.String({ ...Name, description: 'Consumers of a group share the stream.' })),
}
const query = {
  ...filters,
  format: Type.Optional(Type.Enum(['sse', 'ndjson'])),
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
const nextCursor = { 'X-Loadcell-Cursor': 'Cursor for the next poll.' }

export const defaultPolledEvents = 100
export const mostPolledEvents = 1000
/** Beyond this, proxies and clients give up. */
export const longestPollSeconds = 60

export const streamOperations = operationsOf({ tag: 'Streams', access }, {
  'streams.list': {
    request: 'GET /v1/streams',
    summary: 'A page of all streams, by name.',
    query: Type.Object(pageQuery),
    answers: { 200: { description: 'A page of streams.', schema: StreamPage } },
    problems: ['invalid_limit', 'too_many_tenants'],
  },
  'streams.stats': {
    request: 'GET /v1/streams/{stream}/stats',
    summary: 'The state of a stream and its consumer groups.',
    parameters,
    answers: { 200: { description: 'The current state.', schema: StreamStats } },
    problems: ['unknown_stream', 'too_many_tenants'],
  },
  'streams.poll': {
    request: 'GET /v1/streams/{stream}/poll',
    summary: 'Waits for the next events of a stream.',
    parameters,
    query: Type.Object({
      ...filters,
      cursor: Type.Optional(Type.String({ maxLength: 128, description: 'The cursor of an earlier answer.' })),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: mostPolledEvents,
          description: `Maximum number of events in the response. Default: ${defaultPolledEvents}.`,
        }),
      ),
      timeout: Type.Optional(
        Type.Number({ minimum: 0, maximum: longestPollSeconds, description: 'Seconds to wait. Default: 30.' }),
      ),
    }),
    answers: {
      200: {
        description: 'Events, the cursor for the next poll, and what was lost, if anything.',
        schema: PollAnswer,
        headers: nextCursor,
      },
      204: { description: 'No event came in time.', headers: nextCursor },
    },
    problems: [
      'unknown_stream',
      'invalid_cursor',
      'invalid_limit',
      'too_many_connections',
      'too_many_streams',
      'too_many_tenants',
    ],
  },
  'streams.notifications': {
    request: 'GET /v1/streams/notifications',
    summary: 'Follows several streams as one.',
    query: Type.Object({
      channels: Type.String({ description: 'Streams, separated by commas.', examples: ['inventory,pricing'] }),
      ...query,
    }),
    headers,
    answers,
    problems: ['unknown_stream', 'invalid_cursor', 'too_many_connections', 'too_many_streams', 'too_many_tenants'],
  },
  'streams.read': {
    request: 'GET /v1/streams/{stream}',
    summary: 'Follows a stream.',
    parameters,
    query: Type.Object(query),
    headers,
    answers,
    problems: ['unknown_stream', 'invalid_cursor', 'too_many_connections', 'too_many_streams', 'too_many_tenants'],
  },
} as const satisfies OperationTable)
