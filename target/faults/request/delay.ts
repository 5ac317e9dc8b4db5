import type { Clock } from '../../../core/clock.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { DelayQueue } from '../../../core/delay-queue.ts'
import type { Injection } from '../injection.ts'

/** Resolves at the clock's `dueAt` to true, or to false once the client is gone: its place is free at once. */
export function waitUntil(dueAt: number, exchange: Exchange, delays: DelayQueue): Promise<boolean> {
  if (!exchange.isOpen) return Promise.resolve(false)
  return new Promise(resolve => {
    const wait = delays.at(dueAt, () => {
      exchange.onGone = undefined
      resolve(true)
    })
    exchange.onGone = () => {
      wait.cancel()
      resolve(false)
    }
  })
}

/** The planned and the actual time of a delay. */
export interface Delayed {
  plannedMs: number
  actualMs: number
}

/** Holds an exchange back for the time its fault draws; undefined when the client left meanwhile. */
export async function delay(
  injection: Injection<'delay'>,
  ordinal: number,
  exchange: Exchange,
  { clock, delays }: { clock: Clock; delays: DelayQueue },
): Promise<Delayed | undefined> {
  const plannedMs = injection.drawMs(ordinal)
  const startedAt = clock.now()
  if (!(await waitUntil(startedAt + plannedMs, exchange, delays))) return undefined
  const actualMs = clock.now() - startedAt
  injection.delayed(plannedMs, actualMs)
  return { plannedMs, actualMs }
}
