/**
 * Erlang's formulas for Poisson arrivals (A. K. Erlang, 1917). The load is in erlang: arrivals in the time of a mean service.
 */

/** The share that finds every server busy where nobody can wait: M/G/c/c, whatever the distribution of services. */
export function erlangB(servers: number, load: number): number {
  let blocked = 1
  // By recursion over the servers: factorials of many servers would be past all numbers.
  for (let count = 1; count <= servers; count++) blocked = (load * blocked) / (count + load * blocked)
  return blocked
}

/** The share that has to wait where everybody can: M/M/c. From a load of `servers` on, everybody. */
export function erlangC(servers: number, load: number): number {
  if (load >= servers) return 1
  const blocked = erlangB(servers, load)
  return blocked / (1 - (load / servers) * (1 - blocked))
}
