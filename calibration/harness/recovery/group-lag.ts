import { scenario, user } from '../../../harness/scenario.ts'
import { type CheckRow, exactRow, judged } from '../../check-row.ts'
import { withRules } from '../../trial.ts'
import { type HarnessBench, measured, tooBusy } from '../bench.ts'
import { CALIBRATION_TOKEN } from '../target-settings.ts'

const EVENTS = 60
/** The harness asks for the lag at each full second. Events come well before the first, and are released well before the second. */
const PUBLISH_AFTER_MS = 400
const HELD_FOR_MS = 1000
const RUN_MS = 2300
const MOST_LATE_MS = 250

/**
 * Holds back all events of a consumer group for a time, and compares the lag that the harness reports.
 * @param stream of this check alone
 */
export async function checkGroupLag(bench: HarnessBench, stream = 'lag'): Promise<CheckRow[]> {
  const hold = {
    id: stream,
    match: { operation: 'streams.*', channel: stream },
    fault: { type: 'delay', at: 'per_message', distribution: HELD_FOR_MS },
  } as const
  let received = 0
  const definition = scenario({
    load: { executor: 'constant-vus', vus: 2, duration: RUN_MS },
    users: [
      user('worker', {
        begin: ({ auth }) => auth.bearer(CALIBRATION_TOKEN),
        async iterate({ sse }) {
          for await (const _ of sse.open(`/v1/streams/${stream}?consumer_group=workers`, { silence: false }))
            received += 1
        },
      }),
      user('publisher', {
        begin: ({ auth }) => auth.bearer(CALIBRATION_TOKEN),
        async iterate({ http, fake, sleep }) {
          await sleep(PUBLISH_AFTER_MS)
          const events = Array.from({ length: EVENTS }, () => fake.event('job.created', {}))
          await http.post('/v1/events/batch', { json: { stream, events } })
          await sleep(RUN_MS)
        },
      }),
    ],
  })
  const { result, timers } = await withRules(bench, [hold], () => measured(bench, 'lag', definition))
  const group = result.lag.groups.find(each => each.stream === stream)
  const busy = tooBusy(bench, timers, 100, MOST_LATE_MS)
  return [
    exactRow('lag: events held back, and peak', EVENTS, group?.peak ?? 0),
    exactRow('lag: events published, and received in the end', EVENTS, received),
    exactRow('lag: at the end', 0, group?.atEnd ?? -1),
  ].map(row => judged(row, busy))
}
