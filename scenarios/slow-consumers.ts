/**
 * One client in a hundred stops reading for a while, and the others must not notice.
 *
 * Data that a slow client has not read waits somewhere: first in the buffers of both kernels, which hold some megabytes, and then in
 * the server. A server that keeps all of it runs out of memory; one that waits for the slowest client makes all clients slow. This
 * one gives each client a budget (`streams.slowConsumer.budgetBytes`) and drops the oldest events that do not fit. The ledger accounts
 * for every one of them: see "What became of every event" in the report. When the client continues, it sees the gap.
 *
 * Run it at its full length, because the kernels' buffers take half of it to fill up. Try the other policies:
 * `--target-set streams.slowConsumer.policy=disconnect`.
 */
import { scenario, user } from 'loadcell'

/** Makes events large, so that the kernels' buffers fill up soon. */
const BALLAST = 'x'.repeat(8000)
const BUDGET_BYTES = 256 * 1024

/** Returns the value of a metric without labels from Prometheus' text. */
function gauge(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

export default scenario({
  description: '97 dashboards keep up with telemetry, one stops reading for 25 s; an operator watches the memory.',

  target: {
    'streams.slowConsumer.policy': 'drop_oldest',
    'streams.slowConsumer.budgetBytes': BUDGET_BYTES,
  },

  needs: {
    duration: '35s',
    peak: 100,
    because: 'one of a hundred reads nothing for 25 s, while the kernels’ buffers fill up',
  },

  load: { executor: 'constant-vus', vus: 100, duration: '35s' },

  users: [
    user('device', {
      share: 1,
      think: '15ms',
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      iterate: ({ http, fake }) =>
        http.post('/v1/events/publish', { json: fake.event('telemetry.reading', { metric: 'trace', value: BALLAST }) }),
    }),

    user('operator', {
      share: 1,
      pacing: '1s',
      async iterate({ http, check, sleep }) {
        // Data for slow clients is there in each sample, but data in flight to the others only in some.
        const looks: string[] = []
        while (looks.length < 3) {
          looks.push((await http.get('/metrics')).text())
          await sleep('50ms')
        }
        const least = (name: string) => Math.min(...looks.map(text => gauge(text, name)))
        check(looks, {
          'holds no more for the slow than their budget': () =>
            least('loadcell_streams_buffered_bytes') < 4 * BUDGET_BYTES,
          'keeps its memory in bounds': () => least('process_resident_memory_bytes') < 512 * 1024 * 1024,
        })
      },
    }),

    ...(['fast', 'slow'] as const).map(name =>
      user(name, {
        share: name === 'slow' ? 1 : 97,
        begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
        async iterate({ sse, sleep }) {
          let paused = name === 'slow'
          for await (const _ of sse.open('/v1/streams/telemetry')) {
            // It reads nothing during the pause, and then what is left. The dropped events are a gap.
            if (paused) await sleep('25s')
            paused = false
          }
        },
      }),
    ),
  ],

  thresholds: {
    // The slow client is late and loses events. The fast ones are not late and lose none.
    'event_e2e_latency{user:fast}': ['p(99)<500'],
    'event_e2e_latency{user:slow}': ['max>1000'],
    'event_gaps{user:fast}': ['count==0'],
    'event_gaps{user:slow}': ['count>0'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
