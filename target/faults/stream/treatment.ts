import type { FaultPlan, Injection } from '../injection.ts'

/** The treatment of one message, once all rules have decided. */
export interface Treatment {
  /** It is not sent: the event is lost, or the answer is kept back. */
  readonly isLost: boolean
  readonly isMalformed: boolean
  readonly copies: number
  /** How many later events go before it. */
  readonly distance: number
  /** They add up. */
  readonly delays: readonly Injection<'delay'>[]
  readonly stalls: readonly Injection<'stall'>[]
}

export const untreated: Treatment = {
  isLost: false,
  isMalformed: false,
  copies: 0,
  distance: 0,
  delays: [],
  stalls: [],
}

/** All that strikes is done, but to a message that is lost; copies add up, and of two distances the longer holds. */
export function treatmentOf(plan: FaultPlan): Treatment {
  let [isLost, isMalformed, copies, distance] = [false, false, 0, 0]
  const delays: Injection<'delay'>[] = []
  const stalls: Injection<'stall'>[] = []
  for (const injection of plan) {
    const { fault } = injection
    if (fault.type === 'drop' || fault.type === 'partial_ack') isLost = true
    else if (fault.type === 'malformed') isMalformed = true
    else if (fault.type === 'duplicate') copies += fault.copies ?? 1
    else if (fault.type === 'reorder') distance = Math.max(distance, fault.distance ?? 1)
    else if (fault.type === 'delay') delays.push(injection)
    else if (fault.type === 'stall') stalls.push(injection)
  }
  return { isLost, isMalformed, copies, distance, delays, stalls }
}
