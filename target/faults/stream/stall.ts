import { stallProcess } from '../request/stall.ts'
import type { MessageFault } from './message-fault.ts'

/** Stalls the whole process before a message. */
export const stall: MessageFault<'stall'> = {
  treat(injection, _treatment, { clock, stallListener }) {
    stallProcess(injection, clock, stallListener)
  },
}
