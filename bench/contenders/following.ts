import { median } from '../../core/median.ts'
import { atLeast, figure, type SpeedMark, spread, type Table } from '../measurement/report.ts'
import { byName, column, type Contender, interleave, medianRatio, ratios, type Rounds } from '../measurement/rounds.ts'
import type { FollowedReading, FollowersOrder } from '../meters/room-followers.ts'
import type { Child } from '../processes/process.ts'

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

/** Compares how fast the target and a floor deliver: the second of the contenders is the floor. */
export async function compareFollowed(
  contenders: readonly [target: Contender<FollowedRate>, floor: Contender<FollowedRate>],
  { title, columns, claim }: { title: string; columns: string[]; claim: string },
  rounds: Rounds,
): Promise<{ table: Table; mark: SpeedMark; readings: Record<string, FollowedRate[]> }> {
  const readings = await interleave(contenders, rounds)
  const [rates = [], floorRates = []] = readings.map(each => column(each, 'perSecond'))
  return {
    table: {
      title,
      columns,
      rows: contenders.map(({ name }, index) => {
        const perSecond = column(readings[index], 'perSecond')
        return [
          name,
          figure(median(perSecond)),
          spread(perSecond),
          figure(medianRatio(perSecond, floorRates), 2),
          figure(median(column(readings[index], 'cpuUs')), 2),
        ]
      }),
    },
    mark: atLeast(claim, ratios(rates, floorRates), 1),
    readings: byName(contenders, readings),
  }
}
