import type { FaultTypeIn } from '../injection.ts'
import { capacity } from './capacity.ts'
import { closeEarly } from './close-early.ts'
import { corrupt } from './corrupt.ts'
import { delay } from './delay.ts'
import { dribble } from './dribble.ts'
import type {
  FaultedAnswer,
  FaultedExchange,
  InjectedEnding,
  InjectedOutcome,
  RequestFault,
  Silence,
} from './faulted-exchange.ts'
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
export function injectBeforeHandler(faulted: FaultedExchange): InjectedOutcome<InjectedEnding> {
  return inject(BEFORE_HANDLER, faulted)
}

/** Injects the faults that act after the handler. Returns why no answer is sent; undefined if one is sent. */
export function injectAfterHandler(faulted: FaultedExchange, answer: FaultedAnswer): InjectedOutcome<Silence> {
  return inject(AFTER_HANDLER, faulted, answer) as InjectedOutcome<Silence>
}

/**
 * Injects the faults of the plan, stage by stage. It returns a promise only if one of them takes time: most have nothing to wait for, and
 * waiting for nothing takes a turn of its own.
 * @param from number of steps that are over; a step is one fault in one stage
 */
function inject(
  stages: typeof BEFORE_HANDLER | typeof AFTER_HANDLER,
  faulted: FaultedExchange,
  answer?: FaultedAnswer,
  from = 0,
): InjectedOutcome<InjectedEnding> {
  const { plan } = faulted
  const steps = stages.length * plan.length
  let step = from
  while (step < steps) {
    const stage = stages[Math.floor(step / plan.length)]!
    const injection = plan[step % plan.length]!
    // There is an answer in all stages that read it.
    const outcome = faultsByType[injection.fault.type]?.[stage]?.(injection, faulted, answer as FaultedAnswer)
    const nextStage = step - (step % plan.length) + plan.length
    step += 1
    if (outcome instanceof Promise) {
      const rest = step
      return outcome.then(ending => {
        if (ending !== undefined && ending !== 'decided') return ending
        return inject(stages, faulted, answer, ending === 'decided' ? nextStage : rest)
      })
    }
    if (outcome === 'decided') step = nextStage
    else if (outcome !== undefined) return outcome
  }
  return undefined
}
