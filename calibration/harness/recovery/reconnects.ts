import type { LedgerRecord } from '../../../contract/ledger-record.ts'
import { type ChatFrame, scenario, user } from '../../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow } from '../../check-row.ts'
import { readRecords } from '../../ledger-client.ts'
import { sumBy } from '../../rows.ts'
import { trendOf } from '../../series.ts'
import { type HarnessBench, measured, unlessLate } from '../bench.ts'
import { CALIBRATION_TOKEN } from '../target-settings.ts'

/** Connections of each kind. */
const sizes = { quick: { connections: 25, runMs: 2000 }, full: { connections: 400, runMs: 15_000 } }
const CUT_AFTER = 0.25
/** Back-off of sockets; streams have that of the target. */
const BACKOFF_MS = 600
/** Tolerance of a time of recovery: the way from the target to the client, and the difference of two clocks. */
const MOST_ERROR_MS = 5
const MOST_ERROR = 0.01
/** Tolerance of the mean time to reconnect: the client sees the breaks of all connections one after another. */
const MOST_BREAK_MS = 50

/** Cuts all connections once, and compares when they are back. */
export async function checkReconnects(bench: HarnessBench): Promise<CheckRow[]> {
  const { connections, runMs } = sizes[bench.size]
  const definition = scenario({
    load: { executor: 'constant-vus', vus: 2 * connections, duration: runMs },
    disturb: [{ at: runMs * CUT_AFTER, disconnect: 1 }],
    users: [
      user('follower', {
        begin: ({ auth }) => auth.bearer(CALIBRATION_TOKEN),
        async iterate({ sse }) {
          for await (const _ of sse.open('/v1/streams/recovery', { silence: false }));
        },
      }),
      user('member', {
        async begin({ auth, ws }) {
          auth.bearer(CALIBRATION_TOKEN)
          await ws.open<ChatFrame>('/ws/chat', { silence: false, backoff: BACKOFF_MS, reconnect: true })
        },
        iterate: ({ sleep }) => sleep(runMs),
      }),
    ],
  })
  const { result, timers } = await measured(bench, 'recovery', definition)
  const records = await readRecords(bench, result.run.id)
  const [mark, recovery] = [result.marks[0], result.recoveries[0]]
  const cutAt = result.run.startedAt + (mark?.atMs ?? 0)
  const openings = records.filter(isOpening).sort((a, b) => a.startedAt - b.startedAt)
  const cut = Number(/\d+/.exec(mark?.detail ?? '')?.[0] ?? 0)
  // Each connection was opened once. All further openings came after the cut.
  const again = openings.slice(2 * connections)
  const backAfterMs = again.map(({ startedAt, firstByteMs }) => startedAt + firstByteMs - cutAt).sort((a, b) => a - b)
  const brokenAfterMs = openings
    .slice(0, 2 * connections)
    .map(({ startedAt, lastByteMs }) => startedAt + lastByteMs - cutAt)
  const times = trendOf(result, 'reconnect_duration')
  const timeRow = (what: string, theory: number, observed: number, mostMs = MOST_ERROR_MS) => {
    const reach = Math.max(mostMs, MOST_ERROR * observed)
    const interval = { level: 1, low: observed - reach, high: observed + reach }
    return unlessLate(checkRow(what, 'ms', { theory, observed, interval }), [timers], 'seen')
  }
  const all = recovery?.connections.find(({ who }) => who === 'all')
  return [
    exactRow('recovery: connections that the target cut, and broken', cut, all?.broken ?? 0),
    exactRow('recovery: opened again by the ledger, and back', again.length, all?.back ?? 0),
    exactRow(
      'recovery: opened again by the ledger, and reconnects',
      again.length,
      sumBy(result.series, 'reconnects', () => 'all').get('all') ?? 0,
    ),
    exactRow('recovery: reconnects, and their times', again.length, times.count),
    timeRow(
      'recovery: mean time to reconnect',
      meanOf(backAfterMs) - meanOf(brokenAfterMs),
      times.meanMs,
      MOST_BREAK_MS,
    ),
    ...(all?.milestones ?? []).map(({ share, afterMs = Number.NaN }) =>
      timeRow(`recovery: time until ${share * 100} % were back`, backAfter(backAfterMs, share), afterMs),
    ),
  ]
}

function isOpening({ operation, status }: LedgerRecord): boolean {
  return (operation === 'streams.read' && status === 200) || (operation === 'sockets.chat' && status === 101)
}

/** Returns when this share of the connections was open again, by the target’s clock. @param backAfterMs ascending. */
function backAfter(backAfterMs: readonly number[], share: number): number {
  return backAfterMs[Math.ceil(share * backAfterMs.length) - 1] ?? Number.NaN
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
