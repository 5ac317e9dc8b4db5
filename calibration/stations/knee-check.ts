import type { StationReport } from '../../contract/faults/station-report.ts'
import { Histogram } from '../../core/histogram.ts'
import { scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, checkRow, judged } from '../check-row.ts'
import { type CheckOptions, stationReport, trial, withRules } from '../trial.ts'

const STATION = 'knee'
const SERVERS = 4
const SERVICE_MS = 20
/** So many that some always wait: a server is idle only if all clients are late at once. */
const CLIENTS = 256
const SETTLED_AFTER_MS = 1000
/** The last arrival before a report is at most this many gaps ago, and at most this share of the time between two reports. */
const MOST_GAPS = 4
const MOST_EDGE = 0.05

/**
 * A station that always has requests waiting serves exactly as many as its knee says, except for the services at the two ends of the
 * observed time. So this check is the most sensitive to the number of servers and the length of services.
 */
export async function checkKnee(options: CheckOptions): Promise<CheckRow> {
  const { clock, kneeMs } = options
  const fault = { type: 'capacity', servers: SERVERS, service: SERVICE_MS, queue: 1000 } as const
  const rule = { id: STATION, match: { header: { 'x-station': STATION } }, fault }
  return withRules(options, [rule], async control => {
    const report = () => stationReport(control, STATION)
    const [, first, last] = await Promise.all([
      trial(options, 'knee', saturating(kneeMs + 2 * SETTLED_AFTER_MS)),
      clock.sleep(SETTLED_AFTER_MS).then(report),
      clock.sleep(SETTLED_AFTER_MS + kneeMs).then(report),
    ])
    return kneeRow(first, last)
  })
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

/** Returns the row on the knee of such a station, from two of its reports. */
export function kneeRow(first: StationReport, last: StationReport): CheckRow {
  const served = last.served - first.served
  const [from, to] = [arrivalsOf(first), arrivalsOf(last)]
  // A report counts services up to its own time, but only the time of the last arrival before it is known.
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
  // The interval would then be too wide to show anything.
  if (edgeMs > MOST_EDGE * elapsedMs) {
    return { ...row, state: 'invalid', reason: `arrivals were ${to.gapMs.toFixed(1)} ms apart (root mean square)` }
  }
  return judged(
    row,
    atOnce(last) > atOnce(first) && observed < theory ? 'clients came so late that servers ran dry' : undefined,
  )
}

/** Returns the time from the first arrival to the last and the root mean square of the gaps, by the target's clock. */
function arrivalsOf({ arrived, theory: { arrivalsPerSecond = 0, arrivalVariation = 0 } }: StationReport) {
  const spanMs = (1000 * (arrived - 1)) / arrivalsPerSecond
  return { spanMs, gapMs: (1000 / arrivalsPerSecond) * Math.sqrt(1 + arrivalVariation) }
}

/** Returns how many arrivals were served at once. There are some at the beginning, and later only if servers were idle. */
function atOnce({ wait }: StationReport): number {
  const waits = Histogram.fromJSON(wait)
  return waits.count - waits.countAbove(0)
}
