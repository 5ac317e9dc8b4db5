import type { FaultType } from '../../../contract/faults/fault.ts'
import type { FaultPlan, FaultTypeIn } from '../injection.ts'
import { stallProcess } from '../request/stall.ts'
import { delay } from './delay.ts'
import { malformed } from './malformed.ts'
import type { Message } from './message.ts'
import type { MessageFault, MessageFaultDependencies, Treatment } from './message-fault.ts'
import { misdirectedAck } from './misdirected-ack.ts'
import { reorder } from './reorder.ts'

/** All faults of messages, by the type in their rules. */
const messageFaults: { readonly [Type in FaultTypeIn<'message'>]: MessageFault<Type> } = {
  delay,
  /** Stalls the whole process before the message. */
  stall: { treat: (injection, _treatment, { clock, stallListener }) => stallProcess(injection, clock, stallListener) },
  drop: {
    concerns: ({ kind }) => kind === 'event',
    treat: (_injection, treatment) => void (treatment.isLost = true),
  },
  /** Sends copies after an event. The copies of several rules add up. */
  duplicate: {
    concerns: ({ kind }) => kind === 'event',
    treat: ({ fault: { copies = 1 } }, treatment) => void (treatment.copies += copies),
  },
  reorder,
  malformed,
  /** Withholds the answer that confirms a request. */
  partial_ack: {
    concerns: ({ kind }) => kind === 'acknowledgement',
    treat: (_injection, treatment) => void (treatment.isLost = true),
  },
  misdirected_ack: misdirectedAck,
}
const faultsByType: Readonly<Record<string, MessageFault>> = messageFaults

/** Whether a type of fault applies to messages of this kind. */
export function concerns(type: FaultType, message: Message): boolean {
  return faultsByType[type]?.concerns?.(message) ?? true
}

export const untreated: Treatment = { isLost: false, change: undefined, copies: 0, distance: 0, delays: [] }

/** Combines the faults of a plan into the treatment of a message. A stall takes effect at once. */
export function treatmentOf(plan: FaultPlan, dependencies: MessageFaultDependencies): Treatment {
  const treatment: Treatment = { ...untreated, delays: [] }
  for (const injection of plan) faultsByType[injection.fault.type]?.treat(injection, treatment, dependencies)
  return treatment
}
