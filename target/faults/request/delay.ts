import type { Clock } from '../../../core/clock.ts'
import type { DelayQueue } from '../../../core/delay-queue.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { Injection } from '../injection.ts'
import type { FaultedExchange, RequestFault, Silence } from './faulted-exchange.ts'

export const delay: RequestFault<'delay'> = {
  wait(injection, faulted) {
    return faulted.actsBefore(injection.fault.at, 'before_first_byte')
      ? delayExchange(injection, faulted, { from: faulted.delaysFrom })
      : undefined
  },
  head(injection, faulted) {
    return faulted.actsAfter(injection.fault.at, 'before_first_byte') ? delayExchange(injection, faulted) : undefined
  },
  body(injection, faulted, answer) {
    const { at } = injection.fault
    if (at === 'between_chunks' || at === 'per_message') {
      answer.betweenChunks.push(ordinal => delayExchange(injection, faulted, { ordinal }))
    }
    return undefined
  },
}

function delayExchange(
  injection: Injection<'delay'>,
  faulted: FaultedExchange,
  { ordinal = 0, from }: { ordinal?: number; from?: number } = {},
): Promise<Silence | undefined> {
  return holdBack(injection, ordinal, faulted.exchange, faulted.dependencies, from).then(delayed => {
    if (delayed === undefined) return 'gone'
    // The planned end: that this delay ended late must not make the next one late.
    if (from !== undefined) faulted.delaysFrom = from + delayed.plannedMs
    faulted.delays += 1
    faulted.plannedDelayMs += delayed.plannedMs
    faulted.delayMs += delayed.actualMs
    return undefined
  })
}

/**
 * Delays an exchange by a drawn time; returns undefined if the client left meanwhile.
 * @param startedAt monotonic time from which the delay counts; now by default
 */
export function holdBack(
  injection: Injection<'delay'>,
  ordinal: number,
  exchange: Exchange,
  { clock, delays }: { clock: Clock; delays: DelayQueue },
  startedAt = clock.now(),
): Promise<{ plannedMs: number; actualMs: number } | undefined> {
  const plannedMs = injection.drawMs(ordinal)
  return waitUntil(startedAt + plannedMs, exchange, delays).then(isInTime => {
    if (!isInTime) return undefined
    const actualMs = clock.now() - startedAt
    injection.delayed(plannedMs, actualMs)
    return { plannedMs, actualMs }
  })
}

/** Resolves to true at `dueAt`, or to false as soon as the client leaves. */
export function waitUntil(dueAt: number, exchange: Exchange, delays: DelayQueue): Promise<boolean> {
  if (!exchange.isOpen) return Promise.resolve(false)
  return new Promise(resolve => {
    const wait = delays.at(dueAt, () => {
      exchange.onGone = undefined
      resolve(true)
    })
    const leave = () => {
      wait.cancel()
      resolve(false)
    }
    exchange.onGone = leave
  })
}
