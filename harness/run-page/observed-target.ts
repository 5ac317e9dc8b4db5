import type { TruthSecond } from '../../pages/run-feed.ts'
import type { ObservedSeries } from '../server/server-observer.ts'
import { targetSeries } from '../server/target-source.ts'

/** Returns what was sampled of the process of the target in a second; undefined if nothing was. */
export function observedTarget(series: readonly ObservedSeries[], second: number): TruthSecond | undefined {
  const values = (name: string) =>
    series.flatMap(each => (each.place === 'target' && each.name === name ? (each.values[second] ?? []) : []))
  const [cpuCores] = values(targetSeries.cpu)
  const busy = values(targetSeries.stationBusy)
  const queued = values(targetSeries.stationQueued)
  const truth = {
    ...(cpuCores !== undefined && { cpuCores }),
    ...(busy.length > 0 && { stationBusy: Math.max(...busy) }),
    ...(queued.length > 0 && { stationQueued: queued.reduce((sum, each) => sum + each, 0) }),
  }
  return Object.keys(truth).length === 0 ? undefined : { second, ...truth }
}
