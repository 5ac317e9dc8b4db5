import { DurationValue } from '../../core/distributions/value.ts'
import { type Static, Type } from 'typebox'
import { FaultRule, mostFaultRules } from './rule.ts'
import { closed } from '../../core/check.ts'

/** Accepts any rule: rules are checked separately, so that errors concern the rule only. */
const PresetOrRule = Type.Unsafe<string | FaultRule>(
  Type.Union([Type.String(), Type.Object({})], {
    expected: 'the name of a preset, or a rule {id, match, share, fault}',
  }),
)

export const FaultPhase = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    duration: DurationValue,
    /** Presets by name, rules in full; none: healthy. They act beside the rules that are always there. */
    faults: Type.Optional(Type.Array(PresetOrRule, { maxItems: 100 })),
    /** The shares grow from 0 over this time, at most the phase's own. */
    ramp: Type.Optional(DurationValue),
  },
  closed,
)
export type FaultPhase = Static<typeof FaultPhase>

/** Phases one after another, from the moment it is set. */
export const FaultTimeline = Type.Object(
  {
    phases: Type.Array(FaultPhase, { minItems: 1, maxItems: 1000 }),
    /** From the last phase on to the first; else the last is followed by nothing. */
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
    // Checked apart: a union would say nothing of what is wrong inside of it.
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
