import { startChild } from '../processes/process.ts'
import { startTarget } from '../processes/target.ts'
import { atLeast, type Bench, emptyReport, figure, spread } from '../measurement/report.ts'
import { byName, column, interleave, medianRatio, ratios } from '../measurement/rounds.ts'
import { following } from '../contenders/following.ts'
import { median } from '../../core/median.ts'

const FOLLOWERS = [100, 1000]

/** Compares the fan-out of Socket.IO at the target with that of the library alone. */
export const socketio: Bench = {
  name: 'socketio',
  description: 'Socket.IO: fan-out of the target against the library alone',
  async run(rounds) {
    const report = emptyReport(notes)
    const [followers, ...servers] = await Promise.all([
      startChild('generator', 'meters/socketio-followers.ts'),
      startTarget({ 'socketio.enabled': 'true' }),
      startChild('server', 'floors/library-socketio.ts'),
    ])
    const names = ['target', 'socket.io']
    try {
      for (const count of FOLLOWERS) {
        const contenders = servers.map((server, index) => following(names[index]!, server, followers, count))
        const [ours = [], theirs = []] = await interleave(contenders, rounds)
        report.readings.push({ followers: count, ...byName(contenders, [ours, theirs]) })
        const [base, rates] = [column(theirs, 'perSecond'), column(ours, 'perSecond')]
        report.tables.push({
          title: `${count} followers of a room over Socket.IO`,
          columns: ['server', 'deliveries/s', 'rounds', '÷ socket.io', 'server CPU µs/delivery'],
          rows: [ours, theirs].map((readings, index) => [
            names[index]!,
            figure(median(column(readings, 'perSecond'))),
            spread(column(readings, 'perSecond')),
            figure(medianRatio(column(readings, 'perSecond'), base), 2),
            figure(median(column(readings, 'cpuUs')), 2),
          ]),
        })
        report.marks.push(atLeast(`deliveries/s to ${count} followers ÷ socket.io`, ratios(rates, base), 1))
      }
      return report
    } finally {
      await Promise.all([followers, ...servers].map(child => child.stop()))
    }
  },
}

const notes = [
  'The library alone emits to a room. It has no tokens, limits, budgets, history, faults or ledger, and no offsets in its events.',
  'The next message is sent when every follower has the last one. All follow over WebSocket.',
]
