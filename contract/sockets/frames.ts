import type { Static, TSchema } from 'typebox'
import { Type } from '../../core/schema.ts'
import { Name, nameRule } from '../name.ts'

/** Codes of refused frames. The socket stays open. */
export const socketProblems = {
  malformed_json: 'The frame is not a JSON object.',
  malformed_frame: 'The bytes are no frame of the protocol, or one over a limit.',
  json_too_deep: 'The frame has too many levels of arrays and objects.',
  unknown_action: 'The endpoint does not know this action.',
  invalid_request: 'The frame does not fit the schema of its action.',
  invalid_name: 'A name in the frame breaks the rule for names.',
  forbidden: 'The token does not allow it.',
  not_subscribed: 'The client is not in the channel, topic or document.',
  unknown_symbol: 'There is no such symbol.',
  too_many_subscriptions: 'The connection has its maximum of subscriptions.',
  too_many_channels: 'The server keeps its maximum of these.',
  memory_exhausted: 'The memory budget of the server is spent.',
  rate_limited: 'Too many frames.',
} as const
export type SocketProblemCode = keyof typeof socketProblems

/** An optional field. Null means the same as an absent field, because many clients send it. */
export const Maybe = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]))

/** A time by the client’s clock, as a number or text. */
export const Moment = Type.Union([Type.Number(), Type.String({ maxLength: 64 })])

/** The name of a channel or document. A number is equal to its digits, and is sent back as it came. */
export const Identifier = (noun: string) =>
  Type.Union([Name, Type.Integer()], { expected: `${noun}, which is ${nameRule}; or a whole number` })
export type Identifier = Static<ReturnType<typeof Identifier>>

/** Members of a ping besides its verb, on any endpoint. The pong repeats `ts`. */
export const Ping = Type.Object({ ts: Maybe(Moment) })
export type Ping = Static<typeof Ping>

/** Members of a pong besides its type. */
export interface PongContent {
  ts?: number | string
  /** Milliseconds since the Unix epoch. */
  server_ts: number
}

/** Any endpoint’s answer to a frame it refuses. */
export const ErrorFrame = Type.Object({
  type: Type.Literal('error'),
  code: Type.String(),
  detail: Type.String(),
  /** The id of the frame it answers, else its action. */
  in_reply_to: Type.Optional(Type.String()),
})
export type ErrorFrame = Static<typeof ErrorFrame>
