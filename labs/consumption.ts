import type { FaultRule } from '../contract/faults/rule.ts'
import { scenario, user } from '../harness/scenario.ts'
import { experiment } from './experiment.ts'
import type { LabBench } from './lab.ts'

/** Events that a producer publishes, and a group of workers that handles them, each worker one event after another. */
export interface Consumption {
  /** Stream of this run alone. */
  stream: string
  ratePerSecond: number
  workers: number
  /** Time that a worker takes for an event. */
  workMs: number
  seconds: number
  /** Returns the key of the event with this ordinal. A key belongs to one worker. */
  keyOf: (ordinal: number) => string
}

/** The state when the producer stopped. */
export interface Backlog {
  /** Events that were accepted, by the ledger. */
  accepted: number
  /** Accepted events that no worker had handled. */
  waiting: number
  /** Age of the oldest event when a worker began to handle it. */
  oldestMs: number
  /** Share of the handled events that the busiest worker handled. */
  busiestShare: number
}

const NO_RULES: readonly FaultRule[] = []

export async function consumption(
  bench: LabBench,
  { stream, ratePerSecond, workers, workMs, seconds, keyOf }: Consumption,
): Promise<Backlog> {
  const handled = new Map<number, number>()
  let published = 0
  let oldestMs = 0
  const duration = seconds * 1000
  const { ledger } = await experiment(
    bench,
    'a producer and its workers',
    NO_RULES,
    scenario({
      loads: {
        workers: {
          executor: 'constant-vus',
          vus: workers,
          // The workers are there before the first event.
          duration: duration + LEAD_MS,
          gracefulStop: 0,
          users: [
            user('worker', {
              begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
              async iterate({ sse, sleep, vu }) {
                for await (const { event } of sse.open(`/v1/streams/${stream}?consumer_group=workers`)) {
                  oldestMs = Math.max(oldestMs, bench.clock.wallTime() - event.published_at)
                  await sleep(workMs)
                  handled.set(vu.id, (handled.get(vu.id) ?? 0) + 1)
                }
              },
            }),
          ],
        },
        producer: {
          executor: 'constant-arrival-rate',
          rate: ratePerSecond,
          duration,
          startTime: LEAD_MS,
          preAllocatedVUs: 20,
          gracefulStop: 0,
          users: [
            user('producer', {
              begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
              iterate({ http, fake }) {
                const key = keyOf(published++)
                return http.post('/v1/events/batch', {
                  json: { stream, events: [fake.event('work.wanted', {}, key)] },
                })
              },
            }),
          ],
        },
      },
    }),
  )
  const { accepted } = ledger.events
  const counts = [...handled.values()]
  const done = counts.reduce((sum, count) => sum + count, 0)
  return {
    accepted,
    waiting: accepted - done,
    oldestMs,
    busiestShare: done === 0 ? 0 : Math.max(...counts) / done,
  }
}

const LEAD_MS = 500
