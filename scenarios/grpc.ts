/**
 * Streams and flow control of gRPC: what a slow reader costs, and what a deadline is for.
 *
 * A shop publishes orders with unary calls and with a client stream. Two dashboards follow them with a server stream. The fast one reads as it
 * can. The slow one reads thirty messages a second, so that the flow control of HTTP/2 stops the server: nothing is lost on the way, but what
 * does not fit into the budget of the target (`streams.slowConsumer`) meets its policy. With `drop_oldest` the slow dashboard stays
 * connected and has gaps in its offsets. A gap is not an error of the call: no status shows it. Compare `dashboard_gaps` of both.
 *
 * The target answers one publish in twenty too late. Every call has a deadline, so it ends with DEADLINE_EXCEEDED instead of holding its
 * user. What the client cannot know is whether the event was published: `outcomes_unknown` counts those. The repeat with the same event id is
 * safe, because the target accepts an id once.
 */
import { between, counter, scenario, user } from 'loadcell'

const EVENTS = 'loadcell.v1.Events'

const gaps = counter('dashboard_gaps', {
  unit: 'count',
  tags: ['dashboard'],
  description: 'Events that a dashboard missed between two that it saw.',
})

interface StreamItem {
  event?: { partition: number; offset: number; json: string }
}
interface Published {
  offset: number
  duplicate: boolean
}

export default scenario({
  description:
    'Unary calls, streams, deadlines and flow control of gRPC: a slow reader loses events, and no status says so.',

  target: {
    'grpc.enabled': true,
    'streams.slowConsumer.policy': 'drop_oldest',
    'streams.slowConsumer.budgetBytes': 300_000,
  },
  faults: {
    rules: [
      {
        id: 'slow-publish',
        match: { operation: 'grpc.publish' },
        share: 0.05,
        fault: { type: 'delay', distribution: '2s' },
      },
    ],
  },
  load: { executor: 'constant-vus', vus: 10, duration: '20s' },
  metrics: [gaps],

  users: [
    user('shop', {
      share: 3,
      think: between('20ms', '60ms'),
      async begin({ auth }) {
        await auth.clientCredentials('producer-service', 'producer-secret')
      },
      async iterate({ grpc, fake, check }) {
        const { event_id, partition_key, timestamp, data } = fake.orderCreated()
        const order = {
          event_type: 'order.created',
          event_id,
          partition_key,
          timestamp: Number(timestamp),
          data_json: JSON.stringify({ ...data, note: 'x'.repeat(4000) }),
        }
        const options = { deadline: '1s', expect: ['OK', 'DEADLINE_EXCEEDED'] } as const
        const first = await grpc.call<Published>(`${EVENTS}/Publish`, order, options)
        if (first.status === 'OK') return
        const again = await grpc.call<Published>(`${EVENTS}/Publish`, order, { ...options, name: 'publish again' })
        check(again, { 'the repeat has a place': ({ answer, status }) => status !== 'OK' || answer!.offset >= 0 })
      },
    }),

    user('importer', {
      think: between('500ms', '1s'),
      async begin({ auth }) {
        await auth.clientCredentials('producer-service', 'producer-secret')
      },
      async iterate({ grpc, fake, check }) {
        const orders = Array.from({ length: 20 }, () => {
          const { event_id, partition_key, timestamp, data } = fake.orderCreated()
          return {
            event_type: 'order.created',
            event_id,
            partition_key,
            timestamp: Number(timestamp),
            data_json: JSON.stringify(data),
          }
        })
        const { answer } = await grpc.call<{ accepted_count: number }>(`${EVENTS}/PublishAll`, orders)
        check(answer, { 'all orders are accepted': summary => summary?.accepted_count === orders.length })
      },
    }),

    ...(['fast', 'slow'] as const).map(kind =>
      user(`${kind} dashboard`, {
        async begin({ auth }) {
          await auth.clientCredentials('notification-dashboard', 'consumer-secret')
        },
        // One long iteration, which ends with the run.
        async iterate({ grpc, record }) {
          const orders = await grpc.stream<StreamItem>(
            `${EVENTS}/Subscribe`,
            { streams: ['orders'] },
            kind === 'slow' ? { readRate: '30/s' } : {},
          )
          const next = new Map<number, number>()
          for await (const { event } of orders) {
            if (event == null) continue
            const missed = event.offset - (next.get(event.partition) ?? event.offset)
            record(gaps, Math.max(0, missed), { dashboard: kind })
            next.set(event.partition, event.offset + 1)
          }
        },
      }),
    ),
  ],

  thresholds: {
    'grpc_req_duration{name:loadcell.v1.Events/Publish}': ['p(90)<500'],
    'dashboard_gaps{dashboard:fast}': ['count==0'],
    'dashboard_gaps{dashboard:slow}': ['count>0'],
    grpc_req_failed: ['rate==0'],
    http_req_failed: ['rate==0'],
    event_duplicates: ['count==0'],
    event_out_of_order: ['count==0'],
    checks: ['rate==1'],
  },
})
