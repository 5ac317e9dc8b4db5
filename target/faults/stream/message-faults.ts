import type { FaultType } from '../../../contract/faults/fault.ts'
import type { FaultPlan, FaultTypeIn } from '../injection.ts'
import { delay } from './delay.ts'
import { drop } from './drop.ts'
import { duplicate } from './duplicate.ts'
import { malformed } from './malformed.ts'
import type { Message } from './message.ts'
import type { MessageFault, MessageFaultDependencies, Treatment } from './message-fault.ts'
import { partialAck } from './partial-ack.ts'
import { reorder } from './reorder.ts'
import { stall } from './stall.ts'

/** Every fault of messages, by the type in its rule. */
const messageFaults: { readonly [Type in FaultTypeIn<'message'>]: MessageFault<Type> } = {
  delay,
  stall,
  drop,
  duplicate,
  reorder,
  malformed,
  partial_ack: partialAck,
}
const faultsByType: Readonly<Record<string, MessageFault>> = messageFaults

/** Whether a fault is for such messages at all. */
export function concerns(type: FaultType, message: Message): boolean {
  return faultsByType[type]?.concerns?.(message) ?? true
}

export const untreated: Treatment = { isLost: false, change: undefined, copies: 0, distance: 0, delays: [] }

/** Applies all faults of a plan to a message; those that take no time of the message take effect at once. */
export function treatmentOf(plan: FaultPlan, dependencies: MessageFaultDependencies): Treatment {
  const treatment: Treatment = { ...untreated, delays: [] }
  for (const injection of plan) faultsByType[injection.fault.type]?.treat(injection, treatment, dependencies)
  return treatment
}
