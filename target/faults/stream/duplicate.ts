import type { MessageFault } from './message-fault.ts'

/** Sends copies behind an event; the copies of several rules add up. */
export const duplicate: MessageFault<'duplicate'> = {
  concerns: ({ kind }) => kind === 'event',
  treat({ fault: { copies = 1 } }, treatment) {
    treatment.copies += copies
  },
}
