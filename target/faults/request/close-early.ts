import type { FaultOf } from '../../../contract/faults/fault.ts'

/** Where a body stops short, and how. */
export interface EarlyEnd {
  afterBytes: number
  /** `end`: as if it were complete. */
  how: 'close' | 'end' | 'reset'
}

/** Where a `close_early` or `reset` ends a body; undefined when the body is over before. `bodyBytes` is absent for streamed bodies. */
export function earlyEnd(fault: FaultOf<'close_early'> | FaultOf<'reset'>, bodyBytes?: number): EarlyEnd | undefined {
  const { afterBytes } = fault
  if (afterBytes === undefined || (bodyBytes !== undefined && afterBytes >= bodyBytes)) return undefined
  if (fault.type === 'reset') return { afterBytes, how: 'reset' }
  return { afterBytes, how: fault.contentLength === 'wrong' ? 'end' : 'close' }
}
