import type { EventEnvelope } from '../../../contract/api/events.ts'
import { type Context, scenario, type StreamEvent, user } from '../../../harness/scenario.ts'
import type { HarnessBench } from '../bench.ts'
import type { SubjectFindings } from '../subject.ts'
import { CALIBRATION_TOKEN } from '../target-settings.ts'
import { latencyRules, paceOf } from './injected-times.ts'
import { CONTROL_PACING_MS, DELAYED_PER_CONTROL, liveLoad, PACE_HEADER } from './live-load.ts'
import { liveRows } from './live-rows.ts'
import { measuredUnder } from './measured-under.ts'

/** A stream with one event, which every opening reads. */
const OPENED = 'latency-opened'

/** The events of one user, on a stream that stays open. */
interface Following {
  events: AsyncIterator<StreamEvent>
}

/**
 * Checks both clocks of a stream: from when it was asked for to its head, and from the timestamp of an event to its arrival. Each
 * user publishes its next event when the last one has arrived, because a delayed event holds back those behind it.
 */
export async function checkSseLatency(bench: HarnessBench): Promise<Required<SubjectFindings>> {
  const { load, delayed } = liveLoad(bench.size)
  let begun = 0
  const definition = scenario({
    load,
    users: [
      user<Following>('delayed', {
        share: DELAYED_PER_CONTROL,
        begin: context => follow(context, 'delivery'),
        end: ({ state }) => state.events.return?.(),
        async iterate(context) {
          const pace = paceOf(begun++, delayed)
          await openOnce(context, 'opening', { [PACE_HEADER]: pace })
          await deliverOnce(context, streamOf(pace, context))
        },
      }),
      user<Following>('control', {
        begin: context => follow(context, 'control'),
        end: ({ state }) => state.events.return?.(),
        pacing: CONTROL_PACING_MS,
        async iterate(context) {
          await openOnce(context, 'control', {})
          await deliverOnce(context, streamOf('undelayed', context))
        },
      }),
    ],
  })
  const rules = [
    ...latencyRules('sse-opening', 'before_handler', pace => ({
      operation: 'streams.*',
      header: { [PACE_HEADER]: pace },
    })),
    ...latencyRules('sse-event', 'per_message', pace => ({ operation: 'streams.*', channel: `latency-${pace}-*` })),
  ]
  const run = await measuredUnder(bench, rules, 'latency of SSE', definition)
  const clocks = [
    { what: 'SSE, opening', trend: 'sse_connecting', name: 'opening', control: 'control', rules: 'sse-opening' },
    { what: 'SSE, event', trend: 'event_e2e_latency', name: 'delivery', control: 'control', rules: 'sse-event' },
  ] as const
  return liveRows(bench, clocks, run)
}

function streamOf(pace: string, { vu }: Pick<Context<unknown>, 'vu'>): string {
  return `latency-${pace}-${vu.id}`
}

/** Opens the user's streams. A first event shows that they are open; it has no timestamp, and so no latency. */
async function follow(context: Context<undefined>, name: string): Promise<Following> {
  const { auth, sse, fake } = context
  auth.bearer(CALIBRATION_TOKEN)
  const { timestamp: _timestamp, ...ready } = fake.event('job.created', {})
  const first = streamOf('first', context)
  await publish(context, OPENED, { ...ready, event_id: OPENED })
  await publish(context, first, ready)
  const channels = [first, ...['fast', 'slow', 'undelayed'].map(pace => streamOf(pace, context))]
  const path = `/v1/streams/notifications?channels=${channels.join(',')}&from=earliest`
  const events = sse.open(path, { name, silence: false })[Symbol.asyncIterator]()
  await events.next()
  return { events }
}

/** Opens a stream with an event in it, and leaves when that has come. */
async function openOnce({ sse }: Context<Following>, name: string, headers: Record<string, string>): Promise<void> {
  const path = `/v1/streams/${OPENED}?from=earliest`
  for await (const _ of sse.open(path, { name, headers, silence: false, events: 1 }));
}

async function deliverOnce(context: Context<Following>, stream: string): Promise<void> {
  const arrived = context.state.events.next()
  await publish(context, stream, context.fake.event('job.created', {}))
  await arrived
}

async function publish({ http }: Pick<Context<unknown>, 'http'>, stream: string, event: EventEnvelope): Promise<void> {
  await http.post('/v1/events/batch', { json: { stream, events: [event] } })
}
