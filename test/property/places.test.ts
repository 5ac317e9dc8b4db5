import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tags } from '../../harness/metrics/catalog.ts'
import type { Interval } from '../../harness/metrics/interval.ts'
import { Measurements } from '../../harness/metrics/measurements.ts'
import { Snapshot } from '../../harness/metrics/snapshot.ts'
import { placeRows } from '../../harness/results/place-rows.ts'

const PLACES = ['eu-west', 'us-east', undefined]
const STATUSES = ['200', '404', '503']
const TIMES = { http_req_duration: 1, http_req_service_time: 0.5, send_delay: 0.1, http_connecting: 0.2 } as const

/** The requests of a worker in one second: for each its name, its status and how long it took. */
const requests = fc.array(
  fc.tuple(fc.constantFrom('/a', '/b'), fc.constantFrom(...STATUSES), fc.integer({ min: 1, max: 60_000 })),
  { maxLength: 12 },
)
const worker = fc.record({
  place: fc.constantFrom(...PLACES),
  seconds: fc.array(requests, { minLength: 1, maxLength: 3 }),
})

interface Worker {
  place: string | undefined
  seconds: [name: string, status: string, tookMs: number][][]
}

/** Each interval is made when it is added, because it is only lent in a run as well. */
function measured(workers: readonly Worker[]): Measurements {
  const measurements = new Measurements()
  workers.forEach(({ place, seconds }, worker) => {
    const snapshot = new Snapshot()
    seconds.forEach((second, ordinal) => {
      for (const [name, status, tookMs] of second) {
        const tags = { name, method: 'GET', status }
        snapshot.value('http_reqs', tags).total += 1
        snapshot.value('iterations', {}).total += 1
        const failed = snapshot.value('http_req_failed', tags)
        failed.total += 1
        if (status !== '200') failed.hits += 1
        for (const [metric, part] of Object.entries(TIMES))
          snapshot.value(metric as keyof typeof TIMES, tags).histogram.record(tookMs * part)
      }
      snapshot.lend(delta => measurements.add(intervalOf({ worker, place, second: ordinal, delta })))
    })
  })
  return measurements
}

function intervalOf(own: Pick<Interval, 'worker' | 'place' | 'second' | 'delta'>): Interval {
  const times = { fromMs: own.second * 1000, toMs: own.second * 1000 + 1000 }
  return { ...own, ...times, offered: 0, gauges: { users: 1, streams: 0, sockets: 0 } }
}

const withoutPlaces = (workers: readonly Worker[]) => workers.map(each => ({ ...each, place: undefined }))
const counted = ({ snapshot }: Measurements, selector: Tags) => ({
  requests: snapshot.total('http_reqs', selector),
  failed: snapshot.hits('http_req_failed', selector),
  times: snapshot.histogram('http_req_duration', selector).toJSON(),
})

describe('the places of workers', () => {
  const run = { seed: 20_261_129, numRuns: 100 }

  it('divide the samples of a run without changing any number of the whole', () => {
    fc.assert(
      fc.property(fc.array(worker, { minLength: 1, maxLength: 4 }), workers => {
        const [placed, whole] = [measured(workers), measured(withoutPlaces(workers))]
        for (const selector of [{}, { name: '/a' }, { status: '503' }, { name: '/b', status: '404' }])
          expect(counted(placed, selector)).toEqual(counted(whole, selector))
        expect(placed.seconds).toEqual(whole.seconds)
      }),
      run,
    )
  })

  it('have rows that add up to the whole, and each shows the samples of its own workers alone', () => {
    fc.assert(
      fc.property(fc.array(worker, { minLength: 1, maxLength: 4 }), workers => {
        const placed = measured(workers)
        const rows = placeRows(placed.snapshot, 3000)
        for (const { place, requests, failed, iterations, response } of rows) {
          const own = measured(workers.filter(each => (each.place ?? '') === place))
          expect({ requests, failed, iterations, slowestMs: response.maxMs }).toEqual({
            requests: own.snapshot.total('http_reqs'),
            failed: own.snapshot.hits('http_req_failed'),
            iterations: own.snapshot.total('iterations'),
            slowestMs: own.snapshot.histogram('http_req_duration').maxMs,
          })
        }
        const hasPlaces = workers.some(({ place, seconds }) => place !== undefined && seconds.flat().length > 0)
        const sum = (column: 'requests' | 'failed') => rows.reduce((total, row) => total + row[column], 0)
        expect([sum('requests'), sum('failed')]).toEqual(
          hasPlaces ? [placed.snapshot.total('http_reqs'), placed.snapshot.hits('http_req_failed')] : [0, 0],
        )
      }),
      run,
    )
  })

  it('give the same series in whatever order the parts of a run are merged', () => {
    fc.assert(
      fc.property(fc.tuple(worker, worker, worker), ([one, other, third]) => {
        const merged = (first: Worker, ...rest: Worker[]) =>
          rest
            .reduce((sum, next) => sum.merge(measured([next])), measured([first]))
            .snapshot.sorted()
            .toJSON()
        // Each worker is worker 0 here: no gauge is recorded.
        expect(merged(third, one, other)).toEqual(merged(one, other, third))
      }),
      run,
    )
  })
})
