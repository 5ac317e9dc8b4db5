import type { RequestExchange } from './request-exchange.ts'

/**
 * The `Server-Timing` of an answer, in ms, as the ledger has it: what it was held back for and was meant to be, what it waited
 * in the queues of stations and took at their servers, and what its handler took; an answer that a fault gave has none.
 */
export function serverTiming({ faulted, handlerMs }: RequestExchange): string {
  const entries: string[] = []
  if (faulted !== undefined) {
    const { plannedDelayMs, delayMs, queuedMs, servedMs } = faulted
    entries.push(entry('planned-delay', plannedDelayMs), entry('delay', delayMs))
    entries.push(entry('queue', queuedMs), entry('service', servedMs))
  }
  if (handlerMs !== undefined) entries.push(entry('handler', handlerMs))
  return entries.join(', ')
}

function entry(name: string, durationMs: number): string {
  return `${name};dur=${Math.round(durationMs * 1000) / 1000}`
}
