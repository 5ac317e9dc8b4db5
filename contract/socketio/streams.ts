import { Type } from '../../core/schema.ts'
import { Name } from '../name.ts'
import { Maybe, Ping } from '../sockets/frames.ts'

/** Events that a client may emit in `/streams`. The argument of `publish` is an event as over REST. */
export const streamsActions = {
  publish: Type.Object({}, { additionalProperties: true }),
  subscribe: Type.Object({
    stream: Name,
    from: Maybe(Type.Enum(['latest', 'earliest'])),
    cursor: Maybe(Type.String({ maxLength: 256 })),
    group: Maybe(Name),
  }),
  unsubscribe: Type.Object({ stream: Name }),
  ping: Ping,
} as const

/** Answers to them, besides the pong. */
export type StreamsAnswer =
  | { type: 'published'; event_id: string; stream: string; partition: number; offset: number; duplicate: boolean }
  | { type: 'subscribed'; stream: string; cursor: string }
  | { type: 'unsubscribed'; stream: string }
