import type { Random } from '../../core/random.ts'
import type { ConditionPart } from '../../harness/capacity/margin.ts'
import type { KnownQueue } from './known-queues.ts'

/** A second of a simulated probe. */
export interface SimulatedSecond {
  /** Visits that stayed longer than the limit, and all. */
  slow: ConditionPart
  meanMs: number
  offered: number
}

/**
 * Simulates a probe of a queue that is empty at its beginning: first come, first served. No clock is involved, so that a search of minutes
 * takes milliseconds.
 */
export function simulateProbe(
  { station, limitMs }: KnownQueue,
  { perSecond, seconds, random }: { perSecond: number; seconds: number; random: Random },
): SimulatedSecond[] {
  const { servers, meanServiceMs, kind } = station
  const arrivals = random.fork('arrivals')
  const services = random.fork('services')
  /** When each server is free, in ms. */
  const free = new Float64Array(servers)
  const sums = Array.from({ length: seconds }, () => ({ slow: 0, count: 0, stayMs: 0, offered: 0 }))
  for (let at = gap(arrivals, perSecond); at < seconds * 1000; at += gap(arrivals, perSecond)) {
    let next = 0
    for (let server = 1; server < servers; server++) if (free[server]! < free[next]!) next = server
    const serviceMs = kind === 'D' ? meanServiceMs : -Math.log1p(-services.next()) * meanServiceMs
    const endsAt = Math.max(at, free[next]!) + serviceMs
    free[next] = endsAt
    sums[Math.floor(at / 1000)]!.offered += 1
    // A probe sees a visit when it ends.
    const second = sums[Math.floor(endsAt / 1000)]
    if (second === undefined) continue
    second.count += 1
    second.stayMs += endsAt - at
    if (endsAt - at > limitMs) second.slow += 1
  }
  return sums.map(({ slow, count, stayMs, offered }) => ({
    slow: { sum: slow, count },
    meanMs: count === 0 ? 0 : stayMs / count,
    offered,
  }))
}

function gap(random: Random, perSecond: number): number {
  return (-Math.log1p(-random.next()) * 1000) / perSecond
}
