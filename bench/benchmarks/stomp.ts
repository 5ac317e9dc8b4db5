import { startChild } from '../processes/process.ts'
import { startTarget } from '../processes/target.ts'
import { atLeast, type Bench, emptyReport, figure, spread } from '../measurement/report.ts'
import { byName, column, interleave, medianRatio, ratios } from '../measurement/rounds.ts'
import { following } from '../contenders/following.ts'
import { median } from '../../core/median.ts'

const FOLLOWERS = [100, 1000]

/** Compares the fan-out of STOMP at the target with a loop over bare WebSockets. */
export const stomp: Bench = {
  name: 'stomp',
  description: 'STOMP: fan-out of the target against a bare loop with ws',
  async run(rounds) {
    const report = emptyReport(notes)
    const [followers, ...servers] = await Promise.all([
      startChild('generator', 'meters/stomp-followers.ts'),
      startTarget({ 'stomp.enabled': 'true' }),
      startChild('server', 'floors/bare-stomp.ts'),
    ])
    const names = ['target', 'bare ws']
    try {
      for (const count of FOLLOWERS) {
        const contenders = servers.map((server, index) => following(names[index]!, server, followers, count))
        const [ours = [], theirs = []] = await interleave(contenders, rounds)
        report.readings.push({ followers: count, ...byName(contenders, [ours, theirs]) })
        const [base, rates] = [column(theirs, 'perSecond'), column(ours, 'perSecond')]
        report.tables.push({
          title: `${count} followers of a room over STOMP`,
          columns: ['server', 'deliveries/s', 'rounds', '÷ bare', 'server CPU µs/delivery'],
          rows: [ours, theirs].map((readings, index) => [
            names[index]!,
            figure(median(column(readings, 'perSecond'))),
            spread(column(readings, 'perSecond')),
            figure(medianRatio(column(readings, 'perSecond'), base), 2),
            figure(median(column(readings, 'cpuUs')), 2),
          ]),
        })
        report.marks.push(atLeast(`deliveries/s to ${count} followers ÷ bare ws`, ratios(rates, base), 1))
      }
      return report
    } finally {
      await Promise.all([followers, ...servers].map(child => child.stop()))
    }
  },
}

const notes = [
  'The bare loop sends the same text to every socket. It reads nothing of a frame but its first word, and has no tokens, limits, budgets, history, faults or ledger.',
  'The next message is sent when every follower has the last one. All subscriptions have the same id, as those of most clients have, so that the target encodes a message once.',
]
