import { Histogram } from '../../../core/histogram.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow } from '../../check-row.ts'
import { trendOf } from '../../series.ts'
import { withRules } from '../../trial.ts'
import { type HarnessBench, measured, unlessLate } from '../bench.ts'
import { CALIBRATION_TOKEN } from '../target-settings.ts'

const CONSUMERS = 6
const HEADER = 'x-far'
/** Every event comes this much later to the far consumers. */
const FAR_MS = 80
const events = { quick: 20, full: 200 }
/** No event waits behind another one. */
const EVERY_MS = 100
/** Tolerance against the clock of the calibration, which reads the time a little later. */
const MOST_ERROR_MS = 1
/** Tolerance against the configured delay. */
const MOST_LATE_MS = 4

/**
 * Delays the events of some consumers, and compares how far apart all consumers are.
 * @param stream of this check alone
 */
export async function checkFanOutSkew(bench: HarnessBench, stream = 'skew'): Promise<CheckRow[]> {
  const published = events[bench.size]
  const { clock } = bench
  const rule = {
    id: stream,
    match: { operation: 'streams.*', channel: stream, header: { [HEADER]: 'yes' } },
    fault: { type: 'delay', at: 'per_message', distribution: FAR_MS },
  } as const
  const receipts = new Map<number, number[]>()
  const listening = new Set<number>()
  const definition = scenario({
    load: { executor: 'per-vu-iterations', vus: CONSUMERS + 1, iterations: 1, maxDuration: '5m' },
    users: [
      user('consumer', {
        share: CONSUMERS,
        async iterate({ auth, sse, vu }) {
          auth.bearer(CALIBRATION_TOKEN)
          const options = {
            headers: { [HEADER]: vu.id % 2 === 0 ? 'yes' : 'no' },
            silence: false,
            events: published + 1,
          } as const
          for await (const { event } of sse.open(`/v1/streams/${stream}?from=earliest`, options)) {
            if (event.offset === 0) listening.add(vu.id)
            else receipts.set(event.offset, [...(receipts.get(event.offset) ?? []), clock.now()])
          }
        },
      }),
      user('publisher', {
        async iterate({ auth, http, fake, sleep }) {
          auth.bearer(CALIBRATION_TOKEN)
          const publish = () =>
            http.post('/v1/events/batch', { json: { stream, events: [fake.event('job.created', {})] } })
          // All consumers have received the first event before the others are published.
          await publish()
          while (listening.size < CONSUMERS) await sleep(10)
          for (let ordinal = 0; ordinal < published; ordinal++) {
            await publish()
            await sleep(EVERY_MS)
          }
        },
      }),
    ],
  })
  const { result, timers } = await withRules(bench, [rule], () => measured(bench, 'skew', definition))
  const reported = trendOf(result, 'event_fanout_skew')
  const seen = new Histogram()
  for (const at of receipts.values()) seen.record(Math.max(...at) - Math.min(...at))
  const reportedMs = reported.percentile(50)
  return [
    // The first event is followed as well.
    exactRow('skew: events, and times of skew', published + 1, reported.count),
    ...[
      { by: 'as configured', theory: FAR_MS, reach: MOST_LATE_MS },
      { by: 'by a clock of the calibration', theory: seen.percentile(50), reach: MOST_ERROR_MS },
    ].map(({ by, theory, reach }) => {
      const interval = { level: 1, low: reportedMs - reach, high: reportedMs + reach }
      return unlessLate(checkRow(`skew: median, ${by}`, 'ms', { theory, observed: reportedMs, interval }), [timers])
    }),
  ]
}
