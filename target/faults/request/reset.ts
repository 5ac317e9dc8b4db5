import { earlyEnd } from './close-early.ts'
import type { RequestFault } from './faulted-exchange.ts'

/** Ends an exchange with a RST: before its handler, after it, or within the body of its answer. */
export const reset: RequestFault<'reset'> = {
  preempt({ fault: { at, afterBytes } }, faulted) {
    return afterBytes === undefined && faulted.actsBefore(at, 'after_handler') ? 'reset' : undefined
  },
  end({ fault }, faulted, answer) {
    if (fault.afterBytes === undefined) return faulted.actsAfter(fault.at, 'after_handler') ? 'reset' : undefined
    answer.end = earlyEnd(fault, answer.bytes?.length)
    return 'decided'
  },
}
