import type { FaultTypeIn } from '../injection.ts'
import { capacity } from './capacity.ts'
import { closeEarly } from './close-early.ts'
import { corrupt } from './corrupt.ts'
import { delay } from './delay.ts'
import { dribble } from './dribble.ts'
import type { InjectedEnding, FaultedAnswer, FaultedExchange, RequestFault, Silence } from './faulted-exchange.ts'
import { hang } from './hang.ts'
import { reset } from './reset.ts'
import { stall } from './stall.ts'
import { status } from './status.ts'

/** Every fault of exchanges, by the type in its rule. */
const requestFaults: { readonly [Type in FaultTypeIn<'request'>]: RequestFault<Type> } = {
  delay,
  status,
  reset,
  hang,
  close_early: closeEarly,
  dribble,
  corrupt,
  stall,
  capacity,
}
const faultsByType: Readonly<Record<string, RequestFault>> = requestFaults

const BEFORE_HANDLER = ['wait', 'queue', 'preempt'] as const
const AFTER_HANDLER = ['replace', 'corrupt', 'head', 'end', 'body'] as const

/** Injects what comes before the handler. Returns the end of the exchange; undefined if it passes on to the handler. */
export async function injectBeforeHandler(faulted: FaultedExchange): Promise<InjectedEnding | undefined> {
  for (const stage of BEFORE_HANDLER) {
    for (const injection of faulted.plan) {
      const fault = faultsByType[injection.fault.type]
      if (fault?.[stage] === undefined) continue
      const ending = await fault[stage](injection, faulted)
      if (ending !== undefined) return ending
    }
  }
  return undefined
}

/** Injects what comes after the handler. Returns why no answer is sent; undefined if it is. */
export async function injectAfterHandler(
  faulted: FaultedExchange,
  answer: FaultedAnswer,
): Promise<Silence | undefined> {
  for (const stage of AFTER_HANDLER) {
    for (const injection of faulted.plan) {
      const fault = faultsByType[injection.fault.type]
      if (fault?.[stage] === undefined) continue
      const outcome = await fault[stage](injection, faulted, answer)
      if (outcome === 'decided') break
      if (outcome !== undefined) return outcome
    }
  }
  return undefined
}
