import type { MessageFault } from './message-fault.ts'

/** Keeps back the answer that confirms a request. */
export const partialAck: MessageFault<'partial_ack'> = {
  concerns: ({ kind }) => kind === 'acknowledgement',
  treat(_injection, treatment) {
    treatment.isLost = true
  },
}
