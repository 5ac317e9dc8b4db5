import type { RequestExchange } from './request-exchange.ts'

/**
 * The `Server-Timing` of an answer, in ms: what it was held back for and was meant to be, what it waited in the queues of
 * stations, what their services took, and what the handler took, with authentication and the reading of the body.
 */
export function serverTiming({
  faulted,
  startedAt,
  handedOnAt = startedAt,
  readyAt = startedAt,
}: RequestExchange): string {
  const handler = entry('handler', readyAt - handedOnAt)
  if (faulted === undefined) return handler
  const { plannedDelayMs, delayMs, queuedMs, serviceMs } = faulted
  const held = [entry('planned-delay', plannedDelayMs), entry('delay', delayMs), entry('queue', queuedMs)]
  return [...held, entry('service', serviceMs), handler].join(', ')
}

function entry(name: string, durationMs: number): string {
  return `${name};dur=${Math.round(durationMs * 1000) / 1000}`
}
