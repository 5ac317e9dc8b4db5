/** A target whose only events are those of the test, in one order. */
export const quiet = {
  'feed.orders': '0',
  'feed.inventory': '0',
  'feed.pricing': '0',
  'streams.partitions': '1',
}

/** One user, who does everything once. */
export const once = { executor: 'per-vu-iterations', vus: 1, iterations: 1 } as const

/** Clients of the target, with their secrets. */
export const producer = ['producer-service', 'producer-secret'] as const
export const consumer = ['notification-dashboard', 'consumer-secret'] as const
