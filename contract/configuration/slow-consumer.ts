import { Type } from 'typebox'
import { slowConsumerPolicies } from '../streams.ts'
import { closed, duration } from './value.ts'

/** Limits of what may wait for one client, and the policy once they are reached. */
export function slowConsumer(policyDescription: string) {
  return Type.Object(
    {
      policy: Type.Enum([...slowConsumerPolicies], { default: 'disconnect', description: policyDescription }),
      budgetBytes: Type.Integer({
        minimum: 1024,
        maximum: 1_073_741_824,
        default: 1_048_576,
        description: 'Bytes that may wait for one client.',
      }),
      budgetAge: duration('30s', 'Time a frame may wait for its client.'),
      notify: Type.Boolean({
        default: false,
        description: 'Tell the client what was dropped once it catches up.',
      }),
    },
    closed,
  )
}
