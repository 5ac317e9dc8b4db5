import type { FaultPlan, Strike } from '../plan.ts'

/** The treatment of one message, once all rules have decided. */
export interface Treatment {
  /** It is not sent: the event is lost, or the answer is kept back. */
  readonly isLost: boolean
  readonly isMalformed: boolean
  readonly copies: number
  /** How many later events go before it. */
  readonly distance: number
  /** They add up. */
  readonly delays: readonly Strike<'delay'>[]
  readonly stalls: readonly Strike<'stall'>[]
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
  const delays: Strike<'delay'>[] = []
  const stalls: Strike<'stall'>[] = []
  for (const strike of plan) {
    const { fault } = strike
    if (fault.type === 'drop' || fault.type === 'partial_ack') isLost = true
    else if (fault.type === 'malformed') isMalformed = true
    else if (fault.type === 'duplicate') copies += fault.copies ?? 1
    else if (fault.type === 'reorder') distance = Math.max(distance, fault.distance ?? 1)
    else if (fault.type === 'delay') delays.push(strike)
    else if (fault.type === 'stall') stalls.push(strike)
  }
  return { isLost, isMalformed, copies, distance, delays, stalls }
}
