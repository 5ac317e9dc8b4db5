import type { StreamDeliveries } from '../results/ledger-findings.ts'
import type { RunResult } from '../results/run-result.ts'
import { counted, formatMs, formatOffset } from './quantity.ts'
import { formatDuration } from '../../core/duration.ts'
import { formatCount } from '../../core/number-format.ts'
import { plain, wrapped } from './terminal.ts'

/** Returns the lag of consumer groups. */
export function lagLines({ lag }: RunResult, width: number): string[] {
  return lag.groups.flatMap(({ stream, group, peak, peakAtMs, atEnd, caughtUpAfterMs }) => {
    const end = caughtUpAfterMs === undefined ? 'never caught up' : `caught up after ${formatMs(caughtUpAfterMs)}`
    const behind =
      peak === 0
        ? 'never behind'
        : `${counted(peak, 'event')} behind at ${formatOffset(peakAtMs)}, ${end}, ${formatCount(atEnd)} at the end`
    return wrapped(`${plain(group)} on ${plain(stream)}: ${behind}`, width)
  })
}

/** Returns the fates of offered events, if any were lost. Events left unsent at the end of a run are normal. */
export function deliveryLines({ deliveries }: RunResult, width: number): string[] {
  const sum = (pick: (row: StreamDeliveries) => number) => deliveries.reduce((total, row) => total + pick(row), 0)
  const byPolicy = sum(row => Object.values({ ...row.dropped, injected: 0 }).reduce((total, count) => total + count, 0))
  const fates = [
    [byPolicy, 'dropped by policy'],
    [sum(({ dropped }) => dropped['injected'] ?? 0), 'dropped by faults'],
    [sum(({ expired }) => expired), 'expired'],
    [sum(({ unsent }) => unsent), 'unsent'],
    [sum(({ unexplained }) => Math.abs(unexplained)), 'unexplained'],
  ] as const
  const happened = fates.filter(([count]) => count > 0).map(([count, fate]) => `${formatCount(count)} ${fate}`)
  if (fates.every(([count, fate]) => count === 0 || fate === 'unsent')) return []
  return wrapped(`${formatCount(sum(({ offered }) => offered))} offered, of which ${happened.join(', ')}`, width)
}

/** Returns how connections came back after each mark that broke some. */
export function recoveryLines({ recoveries }: RunResult, width: number): string[] {
  return recoveries.flatMap(({ atMs, label, connections: [sum] }) => {
    if (sum === undefined) return []
    const { broken, back, milestones, mostInTenthSecond } = sum
    const shares = milestones.map(({ share, afterMs }) => {
      const when = afterMs === undefined ? 'never' : `after ${formatMs(afterMs)}`
      return `${Math.round(share * 100)} % ${when}`
    })
    const what = `${formatDuration(atMs)} ${plain(label)}: ${counted(broken, 'connection')} broke, ${formatCount(back)} came back`
    return [
      ...wrapped(what, width),
      ...wrapped(`${shares.join(', ')}; at most ${formatCount(mostInTenthSecond)} in 0.1 s`, width),
    ]
  })
}
