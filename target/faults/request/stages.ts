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

/** All faults of exchanges, by the type in their rules. */
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

/** Injects the faults that act before the handler. Returns how the exchange ends; undefined if the handler is next. */
export function injectBeforeHandler(faulted: FaultedExchange): Promise<InjectedEnding | undefined> {
  return inject(BEFORE_HANDLER, faulted)
}

/** Injects the faults that act after the handler. Returns why no answer is sent; undefined if one is sent. */
export function injectAfterHandler(faulted: FaultedExchange, answer: FaultedAnswer): Promise<Silence | undefined> {
  return inject(AFTER_HANDLER, faulted, answer) as Promise<Silence | undefined>
}

async function inject(
  stages: typeof BEFORE_HANDLER | typeof AFTER_HANDLER,
  faulted: FaultedExchange,
  answer?: FaultedAnswer,
): Promise<InjectedEnding | undefined> {
  for (const stage of stages) {
    for (const injection of faulted.plan) {
      const fault = faultsByType[injection.fault.type]
      if (fault?.[stage] === undefined) continue
      // There is an answer in all stages that read it.
      const pending = fault[stage](injection, faulted, answer as FaultedAnswer)
      // Most stages have nothing to wait for, and waiting for nothing takes a turn of its own.
      const outcome = pending instanceof Promise ? await pending : pending
      if (outcome === 'decided') break
      if (outcome !== undefined) return outcome
    }
  }
  return undefined
}
