import { type Static, Type } from 'typebox'
import { FaultRule, mostFaultRules } from '../faults/rule.ts'
import type { FaultTimeline } from '../faults/timeline.ts'
import { closed } from './value.ts'

export const FaultsConfiguration = Type.Object(
  {
    rules: Type.Array(FaultRule, {
      maxItems: mostFaultRules,
      default: [],
      description: 'Fault rules that are always there: {id, match, share, scope, window, ttl, fault}.',
    }),
    presets: Type.Array(Type.String(), {
      maxItems: 20,
      default: [],
      description: 'Presets by name, such as brownout: rules that are always there, too.',
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
