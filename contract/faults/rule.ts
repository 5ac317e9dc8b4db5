import { DurationValue } from '../../core/distributions/value.ts'
import { Fault, faultScopes, type FaultScope } from './fault.ts'
import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { closed } from '../../core/check.ts'

const Pattern = Type.String({ minLength: 1, maxLength: 256 })
const Patterns = Type.Union([Pattern, Type.Array(Pattern, { minItems: 1, maxItems: 100 })], {
  expected: "a pattern such as 'orders.*', or several in an array",
})

/**
 * Selects the exchanges that a rule applies to. Every field that is present must match. In a pattern, `*` stands for any
 * text. Without any field, the rule applies to every exchange of an operation.
 */
export const FaultMatch = Type.Object(
  {
    /** Operation names, such as `events.publish` or `orders.*`. */
    operation: Type.Optional(Patterns),
    /** The path as the client wrote it, without the query. */
    path: Type.Optional(Patterns),
    method: Type.Optional(Patterns),
    tenant: Type.Optional(Patterns),
    /** The client or user that the bearer token names. */
    client: Type.Optional(Patterns),
    /** Channel of a message: its stream, room, topic, symbol or document. */
    channel: Type.Optional(Patterns),
    /** Region that a consumer of streams states in its query. */
    region: Type.Optional(Patterns),
    /** Values by header name. */
    header: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }), Patterns)),
  },
  closed,
)
export type FaultMatch = Static<typeof FaultMatch>

/** A time span, counted from when the rule was set. */
const Window = Type.Object({ from: DurationValue, to: DurationValue }, closed)

export const FaultRule = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9._-]{0,63}$', expected: 'a short id of letters, digits and ._-' }),
    match: Type.Optional(FaultMatch),
    /** Share of the matches that get the fault. Default 1. */
    share: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** Scope of one decision. Default: that of the fault. */
    scope: Type.Optional(Type.Enum(['request', 'connection', 'message', 'handshake'])),
    /** The rule acts only in these time spans. They do not overlap. */
    window: Type.Optional(
      Type.Union([Window, Type.Array(Window, { minItems: 1, maxItems: 100 })], {
        expected: 'a window {from, to} of durations since the rule was set, or several in an array',
      }),
    ),
    /** After this time, the rule removes itself. */
    ttl: Type.Optional(DurationValue),
    fault: Fault,
  },
  closed,
)
export type FaultRule = Static<typeof FaultRule>

/** Returns the scope of a rule's decisions. A rule that delays each message decides for each message. */
export function scopeOf({ scope, fault }: Pick<FaultRule, 'scope' | 'fault'>): FaultScope {
  if (scope !== undefined) return scope
  return fault.type === 'delay' && fault.at === 'per_message' ? 'message' : faultScopes[fault.type][0]
}

export const mostFaultRules = 1000
