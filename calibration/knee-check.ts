import type { StationReport } from '../contract/faults/station-report.ts'
import { Histogram } from '../core/histogram.ts'
import { scenario, user } from '../harness/scenario.ts'
import { type CheckRow, checkRow, judged } from './check-row.ts'
import { FaultsClient } from './faults-client.ts'
import { trial, type TrialOptions } from './trial.ts'

const STATION = 'knee'
const SERVERS = 4
const SERVICE_MS = 10
/** So many that some always wait: for all servers to run dry, all of them would have to be late at once. */
const CLIENTS = 64
const SETTLED_AFTER_MS = 400
/** Of the time between two looks at the station. */
const MOST_LOOKING = 0.02

export interface KneeCheckOptions extends TrialOptions {
  durationMs: number
}

/** When the target was asked and when it had answered, and what it said in between. */
interface Look {
  askedAt: number
  answeredAt: number
  report: StationReport
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
    const look = async (): Promise<Look> => {
      const askedAt = clock.now()
      const report = await faults.station(STATION)
      return { askedAt, answeredAt: clock.now(), report }
    }
    const [, first, last] = await Promise.all([
      trial(options, 'knee', saturating(durationMs + 2 * SETTLED_AFTER_MS)),
      clock.sleep(SETTLED_AFTER_MS).then(look),
      clock.sleep(SETTLED_AFTER_MS + durationMs).then(look),
    ])
    return rowOf(first, last)
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

function rowOf(first: Look, last: Look): CheckRow {
  const served = last.report.served - first.report.served
  const perSecond = (count: number, elapsedMs: number) => (1000 * count) / elapsedMs
  const interval = {
    level: 1,
    low: perSecond(served - SERVERS, last.answeredAt - first.askedAt),
    high: perSecond(served + SERVERS, last.askedAt - first.answeredAt),
  }
  const observed = perSecond(served, (last.answeredAt + last.askedAt - first.answeredAt - first.askedAt) / 2)
  const theory = perSecond(SERVERS, SERVICE_MS)
  const row = checkRow('knee: served per second', 'per second', { theory, observed, interval })
  // What was asked when is known no better than the answers took: then the interval holds anything.
  const lookedForMs = last.answeredAt - last.askedAt + first.answeredAt - first.askedAt
  if (lookedForMs > MOST_LOOKING * (last.askedAt - first.answeredAt)) {
    return { ...row, state: 'invalid', reason: `looking took ${lookedForMs.toFixed(0)} ms` }
  }
  return judged(row, ranDry(last.report) && observed < theory ? 'clients came so late that servers ran dry' : undefined)
}

/** Whether others than the very first found a server that had nothing to do. */
function ranDry({ wait }: StationReport): boolean {
  return Histogram.fromJSON(wait).percentile((100 * (SERVERS + 1)) / wait.count) === 0
}
