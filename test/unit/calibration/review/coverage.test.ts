import { describe, expect, it } from 'vitest'
import {
  hastyPolls,
  leftoverData,
  singleOperation,
  unmatchedPaths,
  unpolledJobs,
} from '../../../../calibration/review/coverage.ts'
import { detailedRecordOf } from '../../../support/audited-run.ts'
import { requests, reviewOf } from '../../../support/review-evidence.ts'

const plain = (startedAt: number) => detailedRecordOf({ startedAt })

describe('unmatchedPaths', () => {
  it('names the paths that nothing serves, most frequent first', () => {
    const lost = detailedRecordOf({ operation: 'unmatched', status: 404 }, { url: '/api/v1/prodcts' })
    const unmatched = [
      { method: 'GET', path: '/rare', count: 1 },
      { method: 'GET', path: '/api/v1/prodcts', count: 40 },
    ]
    expect(reviewOf(unmatchedPaths, [lost], { unmatched, unmatchedNotKept: 2 })).toMatchObject({
      id: 'unmatched-paths',
      harm: 'high',
      count: 43,
      title: expect.stringMatching(/: GET \/api\/v1\/prodcts \(40\), GET \/rare \(1\)$/),
      example: { details: { url: '/api/v1/prodcts' } },
    })
  })

  it('has nothing against a run without any', () => {
    expect(reviewOf(unmatchedPaths, [plain(0)])).toBeUndefined()
  })
})

describe('singleOperation', () => {
  it('finds a run of one operation', () => {
    expect(reviewOf(singleOperation, requests(25, plain))).toMatchObject({ id: 'single-operation', count: 25 })
  })

  it('has nothing against a run of several, or a short one', () => {
    const list = detailedRecordOf({ operation: 'products.list' })
    expect(reviewOf(singleOperation, [...requests(25, plain), list])).toBeUndefined()
    expect(reviewOf(singleOperation, requests(5, plain))).toBeUndefined()
  })
})

describe('leftoverData', () => {
  const create = (startedAt: number) => detailedRecordOf({ operation: 'tasks.create', status: 201, startedAt })
  const remove = (startedAt: number) => detailedRecordOf({ operation: 'tasks.delete', status: 204, startedAt })

  it('finds tasks that nobody deletes', () => {
    expect(reviewOf(leftoverData, [...requests(30, create), remove(99)])).toMatchObject({
      id: 'leftover-data',
      count: 29,
      of: 30,
    })
  })

  it('has nothing against a script that cleans up', () => {
    expect(reviewOf(leftoverData, [...requests(30, create), ...requests(28, remove)])).toBeUndefined()
    // A run that ends deletes some of them no more.
    expect(reviewOf(leftoverData, [...requests(30, create), ...requests(16, remove)])).toBeUndefined()
    expect(reviewOf(leftoverData, [...requests(30, create), ...requests(15, remove)])).toMatchObject({ count: 15 })
  })
})

const submit = (startedAt: number) => detailedRecordOf({ operation: 'reports.create', status: 202, startedAt })
const poll = (job: number, startedAt: number, retryAfterMs?: number) =>
  detailedRecordOf(
    { operation: 'reports.get', startedAt },
    { url: `/api/v1/reports/${job}?x=1`, ...(retryAfterMs && { retryAfterMs }) },
  )

describe('unpolledJobs', () => {
  it('finds jobs that nobody looks at', () => {
    expect(reviewOf(unpolledJobs, [...requests(10, submit), poll(1, 20), poll(1, 30)])).toMatchObject({
      id: 'unpolled-jobs',
      count: 9,
      of: 10,
    })
  })

  it('has nothing against a script that polls each job', () => {
    expect(reviewOf(unpolledJobs, [...requests(10, submit), ...requests(10, job => poll(job, 50))])).toBeUndefined()
  })
})

describe('hastyPolls', () => {
  it('finds polls that come sooner than the target told', () => {
    const hasty = requests(8, index => poll(1, 200 * index, 1000))
    expect(reviewOf(hastyPolls, hasty)).toMatchObject({ id: 'hasty-polls', count: 7, of: 8 })
  })

  it('expects a tenth of a second where the target told nothing', () => {
    const every = (pauseMs: number) => requests(8, index => poll(1, pauseMs * index))
    expect(reviewOf(hastyPolls, every(50))).toMatchObject({ count: 7 })
    expect(reviewOf(hastyPolls, every(200))).toBeUndefined()
  })

  it('has nothing against polls that wait, whatever other jobs do', () => {
    expect(
      reviewOf(
        hastyPolls,
        requests(8, index => poll(1, 1100 * index, 1000)),
      ),
    ).toBeUndefined()
    expect(
      reviewOf(
        hastyPolls,
        requests(30, index => poll(index, index)),
      ),
    ).toBeUndefined()
  })
})
