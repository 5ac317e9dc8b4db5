import type { FaultOf } from '../../../contract/faults/fault.ts'
import type { EarlyEnd, RequestFault } from './faulted-exchange.ts'

export const closeEarly: RequestFault<'close_early'> = {
  end({ fault }, _faulted, answer) {
    answer.end = earlyEnd(fault, answer.bytes?.length)
    return 'decided'
  },
}

/**
 * Returns where a `close_early` or `reset` ends a body, or undefined if the body ends first. `bodyBytes` is absent for
 * streamed bodies.
 */
export function earlyEnd(fault: FaultOf<'close_early'> | FaultOf<'reset'>, bodyBytes?: number): EarlyEnd | undefined {
  const { afterBytes } = fault
  if (afterBytes === undefined || (bodyBytes !== undefined && afterBytes >= bodyBytes)) return undefined
  if (fault.type === 'reset') return { afterBytes, how: 'reset' }
  return { afterBytes, how: fault.contentLength === 'wrong' ? 'end' : 'close' }
}
