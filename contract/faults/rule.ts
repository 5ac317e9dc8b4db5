import { type Static, Type } from 'typebox'
import { closed } from '../../core/check.ts'
import { DurationValue } from '../../core/distributions/value.ts'
import { Fault, faultScopes, type FaultScope } from './fault.ts'
import { FaultMatch } from './match.ts'

/** From and to, since the rule was set. */
const Window = Type.Object({ from: DurationValue, to: DurationValue }, closed)

export const FaultRule = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9._-]{0,63}$', expected: 'a short id of letters, digits and ._-' }),
    match: Type.Optional(FaultMatch),
    /** Share of the matches that are struck. Default 1. */
    share: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** Scope of one decision. Default: that of the fault. */
    scope: Type.Optional(Type.Enum(['request', 'connection', 'message'])),
    /** It acts in these times only. They do not overlap. */
    window: Type.Optional(
      Type.Union([Window, Type.Array(Window, { minItems: 1, maxItems: 100 })], {
        expected: 'a window {from, to} of durations since the rule was set, or several in an array',
      }),
    ),
    /** It is taken away by itself. */
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
