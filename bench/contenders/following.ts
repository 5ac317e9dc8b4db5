import type { FollowedReading, FollowersOrder } from '../meters/room-followers.ts'
import type { Child } from '../processes/process.ts'
import type { Contender } from '../measurement/rounds.ts'

/** Deliveries per second to all followers together, and the CPU time of the server for each. */
export interface FollowedRate {
  perSecond: number
  cpuUs: number
}

/** Returns a server whose messages this many followers receive, over any protocol whose meter takes these orders. */
export function following(name: string, server: Child, followers: Child, count: number): Contender<FollowedRate> {
  return {
    name,
    async measure(seconds) {
      await followers.ask({ do: 'follow', url: server.url, followers: count } satisfies FollowersOrder)
      const cpuBefore = server.cpuSeconds()
      const reading = await followers.ask<FollowedReading>({ do: 'train', seconds } satisfies FollowersOrder)
      const cpuSeconds = server.cpuSeconds() - cpuBefore
      await followers.ask({ do: 'leave' } satisfies FollowersOrder)
      return rateOf(reading, cpuSeconds)
    },
  }
}

export function rateOf({ deliveries, seconds }: FollowedReading, cpuSeconds: number): FollowedRate {
  return { perSecond: deliveries / seconds, cpuUs: (cpuSeconds * 1e6) / deliveries }
}
