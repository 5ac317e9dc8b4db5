import { compareFollowed, type FollowedRate, following, rateOf } from '../contenders/following.ts'
import type { FollowedReading } from '../meters/room-followers.ts'
import type { GrpcOrder } from '../meters/grpc-callers.ts'
import { type Child, startChild } from '../processes/process.ts'
import { type Bench, emptyReport } from '../measurement/report.ts'
import type { Contender } from '../measurement/rounds.ts'
import { startTarget } from '../processes/target.ts'

const FOLLOWERS = [100, 1000]

/** Compares unary calls and fan-out of gRPC at the target with a bare server of @grpc/grpc-js. */
export const grpc: Bench = {
  name: 'grpc',
  description: 'gRPC: unary calls and fan-out of the target against a bare server of @grpc/grpc-js',
  async run(rounds) {
    const report = emptyReport(notes)
    const [callers, target, bare] = await Promise.all([
      startChild('generator', 'meters/grpc-callers.ts'),
      startTarget({ 'grpc.enabled': 'true' }),
      startChild('server', 'floors/bare-grpc.ts'),
    ])
    const contender = (name: string, server: Child, count: number) =>
      count === 0 ? called(name, server, callers) : following(name, server, callers, count)
    try {
      for (const count of [0, ...FOLLOWERS]) {
        const what = count === 0 ? 'unary calls' : `deliveries to ${count} followers of a room`
        const { table, mark, readings } = await compareFollowed(
          [contender('target', target, count), contender('bare grpc-js', bare, count)],
          {
            title: `gRPC: ${what}`,
            columns: ['server', 'per second', 'rounds', '÷ bare', 'server CPU µs each'],
            claim: `gRPC: ${what} per second ÷ bare grpc-js`,
          },
          rounds,
        )
        report.tables.push(table)
        report.marks.push(mark)
        report.readings.push({ what, ...readings })
      }
      return report
    } finally {
      await Promise.all([callers, target, bare].map(child => child.stop()))
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
