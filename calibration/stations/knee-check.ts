import type { StationReport } from '../../contract/faults/station-report.ts'
import { Histogram } from '../../core/histogram.ts'
import { scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, checkRow, judged } from '../check-row.ts'
import { FaultsClient } from '../faults-client.ts'
import { trial, type TrialOptions } from '../trial.ts'

const STATION = 'knee'
const SERVERS = 4
const SERVICE_MS = 20
/** So many that some always wait: for all servers to run dry, all of them would have to be late at once. */
const CLIENTS = 256
const SETTLED_AFTER_MS = 1000
/** The last arrival before a look is at most so many gaps ago, and that is at most this part of the time between two looks. */
const MOST_GAPS = 4
const MOST_EDGE = 0.05

export interface KneeCheckOptions extends TrialOptions {
  durationMs: number
}

/**
 * A station that always has more to do than it can serves as many as its knee says, to the last one: what is left to chance is
 * only how much of a service lies on the edge. So this shows the number of servers and the length of services as nothing else does.
 */
export async function checkKnee(options: KneeCheckOptions): Promise<CheckRow> {
  const { clock, durationMs } = options
  const faults = new FaultsClient(options)
  const fault = { type: 'capacity', servers: SERVERS, service: SERVICE_MS, queue: 1000 } as const
  await faults.set({ id: STATION, match: { header: { 'x-station': STATION } }, fault })
  try {
    const look = () => faults.station(STATION)
    const [, first, last] = await Promise.all([
      trial(options, 'knee', saturating(durationMs + 2 * SETTLED_AFTER_MS)),
      clock.sleep(SETTLED_AFTER_MS).then(look),
      clock.sleep(SETTLED_AFTER_MS + durationMs).then(look),
    ])
    return kneeRow(first, last)
  } finally {
    await faults.remove(STATION)
  }
}

function saturating(durationMs: number) {
  return scenario({
    load: { executor: 'constant-vus', vus: CLIENTS, duration: durationMs },
    users: [
      user('client', {
        iterate: ({ http }) => http.get('/api/v1/products/1', { headers: { 'x-station': STATION } }),
      }),
    ],
  })
}

/** Returns the row on the knee of such a station, from two looks at it. */
export function kneeRow(first: StationReport, last: StationReport): CheckRow {
  const served = last.served - first.served
  const [from, to] = [arrivalsOf(first), arrivalsOf(last)]
  // The target counts up to when it is asked, and its clock is known up to the arrival before that.
  const elapsedMs = to.spanMs - from.spanMs
  const edgeMs = MOST_GAPS * to.gapMs
  const perSecond = (count: number, ms: number) => (1000 * count) / ms
  const interval = {
    level: 1,
    low: perSecond(served - SERVERS, elapsedMs + edgeMs),
    high: perSecond(served + SERVERS, Math.max(1, elapsedMs - edgeMs)),
  }
  const observed = perSecond(served, elapsedMs)
  const theory = perSecond(SERVERS, SERVICE_MS)
  const row = checkRow('knee: served per second', 'per second', { theory, observed, interval })
  // Then the interval holds anything.
  if (edgeMs > MOST_EDGE * elapsedMs) {
    return { ...row, state: 'invalid', reason: `arrivals were ${to.gapMs.toFixed(1)} ms apart (root mean square)` }
  }
  return judged(
    row,
    atOnce(last) > atOnce(first) && observed < theory ? 'clients came so late that servers ran dry' : undefined,
  )
}

/** By the target's clock: from the first arrival to the last, and the root mean square of the gaps in between. */
function arrivalsOf({ arrived, theory: { arrivalsPerSecond = 0, arrivalVariation = 0 } }: StationReport) {
  const spanMs = (1000 * (arrived - 1)) / arrivalsPerSecond
  return { spanMs, gapMs: (1000 / arrivalsPerSecond) * Math.sqrt(1 + arrivalVariation) }
}

/** How many have found a server that had nothing to do: all of them at the beginning, unless servers ran dry. */
function atOnce({ wait }: StationReport): number {
  const waits = Histogram.fromJSON(wait)
  let [none, most] = [0, waits.count]
  while (none < most) {
    const rank = Math.ceil((none + most) / 2)
    if (waits.percentile((100 * (rank - 0.5)) / waits.count) === 0) none = rank
    else most = rank - 1
  }
  return none
}
