import { DurationValue } from '../../core/distributions/value.ts'
import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { FaultRule, mostFaultRules } from './rule.ts'
import { closed } from '../../core/check.ts'

/** Accepts any object: rules are checked separately, so that errors concern the rule only. */
const PresetOrRule = Type.Unsafe<string | FaultRule>(
  Type.Union([Type.String(), Type.Object({})], {
    expected: 'the name of a preset, or a rule {id, match, share, fault}',
  }),
)

export const FaultPhase = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    duration: DurationValue,
    /**
     * Presets by name or rules in full; without any, the phase is healthy. They act in addition to the rules outside of the
     * timeline.
     */
    faults: Type.Optional(Type.Array(PresetOrRule, { maxItems: 100 })),
    /** Time over which the shares grow from 0; at most the duration of the phase. */
    ramp: Type.Optional(DurationValue),
  },
  closed,
)
export type FaultPhase = Static<typeof FaultPhase>

/** Phases that follow each other, from the moment the timeline is set. */
export const FaultTimeline = Type.Object(
  {
    phases: Type.Array(FaultPhase, { minItems: 1, maxItems: 1000 }),
    /** Whether the first phase follows the last. If not, the timeline ends with the last. */
    loop: Type.Optional(Type.Boolean()),
  },
  closed,
)
export type FaultTimeline = Static<typeof FaultTimeline>

export const FaultsConfiguration = Type.Object(
  {
    rules: Type.Array(FaultRule, {
      maxItems: mostFaultRules,
      default: [],
      description: 'Fault rules that are set from the start: {id, match, share, scope, window, ttl, fault}.',
    }),
    presets: Type.Array(Type.String(), {
      maxItems: 20,
      default: [],
      description: 'Presets that are set from the start, by name, such as brownout.',
    }),
    // Checked separately: errors of a union would not say what is wrong inside of it.
    timeline: Type.Unsafe<FaultTimeline | null>(
      Type.Union([Type.Null(), Type.Object({})], {
        default: null,
        expected: 'a timeline {phases: [{name, duration, faults, ramp}], loop}, or null',
        description:
          'Faults by phases, from the start of the target: {phases: [{name, duration, faults, ramp}], loop}.',
      }),
    ),
  },
  closed,
)
export type FaultsConfiguration = Static<typeof FaultsConfiguration>
