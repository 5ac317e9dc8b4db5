/**
 * Acknowledgements and redelivery: workers that fail at one job in five, with and without them.
 *
 * A shop sends jobs to a room over STOMP, and every worker gets all of them. A worker that subscribes with `ack: auto` has taken a job as
 * soon as it is delivered: where it fails, the job is lost, and no gap, error or status shows it. A worker with `ack: client-individual`
 * refuses the job (NACK) and gets it again, up to three times (`stomp.redeliveries`). So it gets nearly all done, for more deliveries.
 *
 * One job in twenty can never be done. Without a bound it would come again for ever; with it, it goes to the room `dead-letters`, which
 * somebody must look at. Compare `jobs_done` of both, and look at `attempts`: the price of the second kind.
 */
import { between, rate, scenario, trend, user } from 'loadcell'

const FAILURE_SHARE = 0.2
const POISON_SHARE = 0.05
/** Deliveries of a job before it is given up: the first one, and `stomp.redeliveries`. */
const MOST_ATTEMPTS = 4

const jobsDone = rate('jobs_done', { tags: ['ack'], description: 'Jobs that a worker got and did in the end.' })
const attempts = trend('attempts', { unit: 'count', description: 'Deliveries of a job until it was done or given up.' })

interface Job {
  id: string
  text: string
}
interface DeadLetter {
  refusals: number
  text: string
}

const isPoison = ({ text }: Job) => text === 'poison'

export default scenario({
  description: 'Workers that fail at one job in five: lost without acknowledgements, delivered again with them.',

  target: { 'stomp.enabled': true },
  load: { executor: 'constant-vus', vus: 12, duration: '20s' },
  metrics: [jobsDone, attempts],

  users: [
    user('shop', {
      think: between('50ms', '150ms'),
      async begin({ auth, stomp, vu }) {
        auth.bearer(`demo-jwt-token-shop-${vu.id}`)
        return { connection: await stomp.open() }
      },
      async iterate({ state, vu, random, check }) {
        const text = random.next() < POISON_SHARE ? 'poison' : 'pack a parcel'
        const id = `job-${vu.id}-${vu.iteration}`
        const receipt = await state.connection.send('/rooms/jobs', { id, text, sentAt: Date.now() })
        check(receipt, { 'the job is taken': headers => Number(headers?.['sequence']) > 0 })
      },
    }),

    user('hasty worker', {
      async begin({ auth, stomp, vu }) {
        auth.bearer(`demo-jwt-token-hasty-${vu.id}`)
        return { connection: await stomp.open() }
      },
      // One long iteration, which ends with the run.
      async iterate({ state, random, record }) {
        for await (const message of await state.connection.subscribe('/rooms/jobs')) {
          const fails = random.next() < FAILURE_SHARE || isPoison(message.json<Job>())
          record(jobsDone, !fails, { ack: 'auto' })
        }
      },
    }),

    user('careful worker', {
      async begin({ auth, stomp, vu }) {
        auth.bearer(`demo-jwt-token-careful-${vu.id}`)
        return { connection: await stomp.open() }
      },
      async iterate({ state, random, record, check }) {
        for await (const message of await state.connection.subscribe('/rooms/jobs', { ack: 'client-individual' })) {
          const attempt = Number(message.headers['delivery-attempt'] ?? 1)
          check(message, { 'comes again only after it was refused': ({ redelivered }) => redelivered === attempt > 1 })
          const fails = random.next() < FAILURE_SHARE || isPoison(message.json<Job>())
          if (fails) await message.nack()
          else await message.ack()
          if (fails && attempt < MOST_ATTEMPTS) continue
          record(jobsDone, !fails, { ack: 'client-individual' })
          record(attempts, attempt)
        }
      },
    }),

    user('inspector', {
      async begin({ auth, stomp, vu }) {
        auth.bearer(`demo-jwt-token-inspector-${vu.id}`)
        return { connection: await stomp.open() }
      },
      async iterate({ state, check }) {
        for await (const message of await state.connection.subscribe('/rooms/dead-letters')) {
          check(message.json<DeadLetter>(), {
            'a dead letter was refused four times': ({ refusals }) => refusals === MOST_ATTEMPTS,
          })
        }
      },
    }),
  ],

  thresholds: {
    http_req_failed: ['rate==0'],
    ws_req_failed: ['rate==0'],
    ws_req_duration: ['p(99)<500'],
    'jobs_done{ack:auto}': ['rate<0.9'],
    'jobs_done{ack:client-individual}': ['rate>0.85'],
    event_e2e_latency: ['p(99)<500'],
    event_gaps: ['count==0'],
    event_duplicates: ['count==0'],
    event_out_of_order: ['count==0'],
    checks: ['rate==1'],
  },
})
