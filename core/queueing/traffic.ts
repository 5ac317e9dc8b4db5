/** What comes to a queue, and who serves it. The unit of time is one for all, whichever it is. */
export interface Traffic {
  /** Arrivals per unit of time. */
  arrivalRate: number
  meanService: number
  servers: number
}

/** How many servers what arrives would keep busy, in erlang. */
export function offeredLoad({ arrivalRate, meanService }: Traffic): number {
  return arrivalRate * meanService
}

/** Offered load per server: from 1 on a queue without a limit grows for ever. */
export function utilisation(traffic: Traffic): number {
  return offeredLoad(traffic) / traffic.servers
}
