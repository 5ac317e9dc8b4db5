import { Type, type Static } from 'typebox'

/** Codes of what a socket refuses; the socket stays open. */
export const socketProblems = {
  malformed_json: 'The frame is not a JSON object.',
  unknown_action: 'The endpoint does not know this action.',
  invalid_request: 'The frame does not fit the schema of its action.',
  forbidden: 'The token does not allow it.',
  not_subscribed: 'The client is not in the channel, topic or document.',
  unknown_symbol: 'There is no such symbol.',
  too_many_subscriptions: 'The connection has as many subscriptions as it may.',
  too_many_channels: 'The server keeps as many of these as it may.',
  rate_limited: 'Too many frames.',
} as const
export type SocketProblemCode = keyof typeof socketProblems

/** What any endpoint is pinged with, besides its verb. Its pong tells `ts` again. */
export const Ping = Type.Object({ ts: Type.Optional(Type.Union([Type.Number(), Type.String({ maxLength: 64 })])) })

/** Any endpoint’s answer to a frame it refuses. */
export const ErrorFrame = Type.Object({
  type: Type.Literal('error'),
  code: Type.String(),
  detail: Type.String(),
  /** The id of the frame it answers, else its action. */
  in_reply_to: Type.Optional(Type.String()),
})
export type ErrorFrame = Static<typeof ErrorFrame>
