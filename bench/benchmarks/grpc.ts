import { type FollowedRate, following, rateOf } from '../contenders/following.ts'
import { median } from '../../core/median.ts'
import type { FollowedReading } from '../meters/room-followers.ts'
import type { GrpcOrder } from '../meters/grpc-callers.ts'
import { type Child, startChild } from '../processes/process.ts'
import { atLeast, type Bench, emptyReport, figure, spread } from '../measurement/report.ts'
import { byName, column, type Contender, interleave, medianRatio, ratios } from '../measurement/rounds.ts'
import { startTarget } from '../processes/target.ts'

const FOLLOWERS = [100, 1000]

/** Compares unary calls and fan-out of gRPC at the target with a bare server of @grpc/grpc-js. */
export const grpc: Bench = {
  name: 'grpc',
  description: 'gRPC: unary calls and fan-out of the target against a bare server of @grpc/grpc-js',
  async run(rounds) {
    const report = emptyReport(notes)
    const [callers, ...servers] = await Promise.all([
      startChild('generator', 'meters/grpc-callers.ts'),
      startTarget({ 'grpc.enabled': 'true' }),
      startChild('server', 'floors/bare-grpc.ts'),
    ])
    const names = ['target', 'bare grpc-js']
    try {
      for (const count of [0, ...FOLLOWERS]) {
        const contenders = servers.map((server, index) =>
          count === 0 ? called(names[index]!, server, callers) : following(names[index]!, server, callers, count),
        )
        const what = count === 0 ? 'unary calls' : `deliveries to ${count} followers of a room`
        const [ours = [], theirs = []] = await interleave(contenders, rounds)
        report.readings.push({ what, ...byName(contenders, [ours, theirs]) })
        const [base, rates] = [column(theirs, 'perSecond'), column(ours, 'perSecond')]
        report.tables.push({
          title: `gRPC: ${what}`,
          columns: ['server', 'per second', 'rounds', '÷ bare', 'server CPU µs each'],
          rows: [ours, theirs].map((readings, index) => [
            names[index]!,
            figure(median(column(readings, 'perSecond'))),
            spread(column(readings, 'perSecond')),
            figure(medianRatio(column(readings, 'perSecond'), base), 2),
            figure(median(column(readings, 'cpuUs')), 2),
          ]),
        })
        report.marks.push(atLeast(`gRPC: ${what} per second ÷ bare grpc-js`, ratios(rates, base), 1))
      }
      return report
    } finally {
      await Promise.all([callers, ...servers].map(child => child.stop()))
    }
  },
}

const notes = [
  'The callers speak bare HTTP/2, so that they are not the limit: 64 calls at once over 4 connections, and 90 followers to a connection.',
  'The bare server has no tokens, limits, budgets, history, faults or ledger. Like the target, it encodes each quote; it encodes a message for each follower, because its library does.',
  'The next message is sent when every follower has the last one.',
]

function called(name: string, server: Child, callers: Child): Contender<FollowedRate> {
  return {
    name,
    async measure(seconds) {
      const cpuBefore = server.cpuSeconds()
      const order: GrpcOrder = { do: 'call', url: server.url, seconds }
      return rateOf(await callers.ask<FollowedReading>(order), server.cpuSeconds() - cpuBefore)
    },
  }
}
