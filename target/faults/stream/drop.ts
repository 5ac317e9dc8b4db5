import type { MessageFault } from './message-fault.ts'

/** Loses an event. */
export const drop: MessageFault<'drop'> = {
  concerns: ({ kind }) => kind === 'event',
  treat(_injection, treatment) {
    treatment.isLost = true
  },
}
