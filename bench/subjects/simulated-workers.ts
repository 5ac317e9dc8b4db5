import { systemClock } from '../../core/clock.ts'
import { random } from '../../core/random.ts'
import { workerCodec } from '../../harness/coordination/message-codecs.ts'
import { Concurrency } from '../../harness/metrics/concurrency.ts'
import type { Interval } from '../../harness/metrics/interval.ts'
import { SnapshotRecorder } from '../../harness/metrics/snapshot-recorder.ts'

/** Series that the requests of one name fill: counts, failures, bytes, times. */
const SERIES_OF_A_NAME = 10
/** A message is encoded once. These numbers in its text are replaced by those of the second in which it is sent. */
const SECOND = 987_654_321
const SEQUENCE = 876_543_210

/** Workers that measure as many series each second. */
export interface SimulatedWorkers {
  workers: number
  /** Series of each worker with samples in each second. */
  series: number
  /** Requests that each of its names has in a second. */
  requestsOfAName: number
  /** Number of places that the workers are spread over; 0 for none. */
  places: number
}

/** Returns the messages of all workers in a second, as texts. */
export type MessagesAt = (second: number) => string[]

/** Records the requests of a second in the way of a run, and encodes them as a worker does. */
export function simulate({ workers, series, requestsOfAName, places }: SimulatedWorkers): MessagesAt {
  const texts = Array.from({ length: workers }, (_, worker) => {
    const interval = { ...recorded(worker, series / SERIES_OF_A_NAME, requestsOfAName), ...placeOf(worker, places) }
    const text = workerCodec.encode({ kind: 'interval', sequence: SEQUENCE, phase: 'run', interval })
    const parts = text.split(new RegExp(`${SECOND}|${SEQUENCE}`))
    if (parts.length !== 3) throw new Error('a message has no place for its second and its sequence')
    return parts
  })
  return second => texts.map(([head, middle, rest]) => `${head}${second + 1}${middle}${second}${rest}`)
}

function placeOf(worker: number, places: number): Pick<Interval, 'place'> {
  return places === 0 ? {} : { place: `place-${worker % places}` }
}

function recorded(worker: number, names: number, requests: number): Interval {
  const recorder = new SnapshotRecorder(systemClock, 0, undefined, [], undefined, worker)
  const draw = random(worker)
  for (let name = 0; name < names; name++) {
    const tags = { name: `/api/v1/things/{id}/${name}`, method: 'GET', operation: undefined, user: 'u', task: 't' }
    for (let request = 0; request < requests; request++) {
      const sentAt = draw.next()
      const headAt = sentAt + 1 - Math.log(1 - draw.next()) * 20
      recorder.request({
        tags,
        dueAt: 0,
        handedAt: sentAt / 2,
        sentAt,
        headAt,
        endedAt: headAt + draw.next(),
        status: 200,
        sentBytes: 0,
        receivedBytes: 500,
        stream: false,
      })
    }
  }
  const [idle, gauges] = [new Concurrency(), { users: 10, streams: 0, sockets: 0 }]
  return {
    second: SECOND,
    worker,
    fromMs: 0,
    toMs: 1000,
    delta: recorder.snapshot,
    offered: names * requests,
    gauges,
    present: { streams: idle.now, sockets: idle.now, begunUsers: 10 },
    generator: { cpu: 0.5, eventLoopDelayP99Ms: 1, gc: 0.01 },
  }
}
