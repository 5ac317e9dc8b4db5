/**
 * One in a hundred stops reading for a while, and the others must not feel it.
 *
 * Data that a slow client has not read waits somewhere: first in the buffers of both kernels, some megabytes on one machine, then
 * in the server. A server that keeps all of it runs out of memory; one that waits for the slowest makes everybody slow. This
 * one gives each client a budget (`streams.slowConsumer.budgetBytes`) and drops the oldest of what does not fit, which the
 * ledger accounts for to the last event: see "What became of every event" in the report. When the client reads on, it meets the gap.
 * Run it at its full length: the kernels' buffers take half of that to fill. Try the other policies:
 * `--target-set streams.slowConsumer.policy=disconnect`.
 */
import { scenario, user } from 'loadcell'

/** Large events, so that the kernels' buffers are soon full. */
const BALLAST = 'x'.repeat(8000)
const BUDGET_BYTES = 256 * 1024

/** The value of a metric without labels in Prometheus' text. */
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
    because: 'one of a hundred reads nothing for 25 s, in which the buffers of the kernels fill',
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
        // What waits for the slow is there at each look; what is just on its way to all others, at one.
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
            // Reads nothing meanwhile, and then all that is left for it: what it lost is a gap in that.
            if (paused) await sleep('25s')
            paused = false
          }
        },
      }),
    ),
  ],

  thresholds: {
    // Side by side: the slow one is late and has lost events, and the fast are neither late nor do they miss any.
    'event_e2e_latency{user:fast}': ['p(99)<500'],
    'event_e2e_latency{user:slow}': ['max>1000'],
    'event_gaps{user:fast}': ['count==0'],
    'event_gaps{user:slow}': ['count>0'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
