/** Queues with a known capacity, in Kendall's notation; `shared`: two operations at one station. */
export const queueNames = ['M/M/1', 'M/M/4', 'M/D/1', 'shared'] as const

export type QueueName = (typeof queueNames)[number]
