/** Headers of RECEIPT and ERROR by which both ends count the events that a SEND or COMMIT published. */
export const outcomeHeaders = {
  accepted: 'events-accepted',
  duplicate: 'events-duplicate',
  rejected: 'events-rejected',
} as const

/** Header of a MESSAGE that concerns its subscription itself: `reset` or `lagged`. */
export const controlHeader = 'control'
