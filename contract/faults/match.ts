import { type Static, Type } from 'typebox'
import { closed } from '../../core/check.ts'

const Pattern = Type.String({ minLength: 1, maxLength: 256 })
const Patterns = Type.Union([Pattern, Type.Array(Pattern, { minItems: 1, maxItems: 100 })], {
  expected: "a pattern such as 'orders.*', or several in an array",
})

/**
 * Which exchanges a rule is for: all that is named must fit. In a pattern, `*` stands for any text. Nothing named: every
 * exchange of an operation.
 */
export const FaultMatch = Type.Object(
  {
    /** Names of operations, such as `events.publish` or `orders.*`. */
    operation: Type.Optional(Patterns),
    /** The path as the client wrote it, without the query. */
    path: Type.Optional(Patterns),
    method: Type.Optional(Patterns),
    tenant: Type.Optional(Patterns),
    /** The client or user that the bearer token names. */
    client: Type.Optional(Patterns),
    /** Channel of a message: its stream, room, topic, symbol or document. */
    channel: Type.Optional(Patterns),
    /** Where a consumer of streams says it is. */
    region: Type.Optional(Patterns),
    /** Values by header name. */
    header: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }), Patterns)),
  },
  closed,
)
export type FaultMatch = Static<typeof FaultMatch>
