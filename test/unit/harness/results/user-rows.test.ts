import { describe, expect, it } from 'vitest'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { userRows } from '../../../../harness/results/user-rows.ts'

function snapshot(): Snapshot {
  const snapshot = new Snapshot()
  const request = (user: string, task: string, count: number) => {
    const tags = { user, task, name: '/', method: 'GET', status: '200' }
    snapshot.value('http_reqs', tags).total += count
    snapshot.value('http_req_failed', tags).total += count
    for (let at = 0; at < count; at++) snapshot.value('http_req_duration', tags).histogram.record(10)
  }
  request('buyer', 'search', 30)
  request('buyer', 'buy', 10)
  request('buyer', '', 1)
  request('reader', '', 50)
  snapshot.value('http_req_failed', { user: 'buyer', task: 'buy', name: '/', method: 'GET', status: '200' }).hits += 4
  snapshot.value('iterations', { user: 'buyer', task: 'search' }).total += 30
  snapshot.value('iterations_failed', { user: 'buyer' }).total += 2
  snapshot.value('dropped_iterations', { user: 'idle' }).total += 3
  return snapshot
}

describe('userRows', () => {
  it('has a row for each user and below it one for each task, most requests first', () => {
    const rows = userRows(snapshot(), 10_000).map(({ user, task, requests, failed }) => [user, task, requests, failed])
    expect(rows).toEqual([
      ['reader', undefined, 50, 0],
      ['buyer', undefined, 41, 4],
      ['buyer', 'search', 30, 0],
      ['buyer', 'buy', 10, 4],
      ['buyer', '', 1, 0],
      ['idle', undefined, 0, 0],
    ])
  })

  it('keeps users of the same name in two loads apart', () => {
    const both = new Snapshot()
    for (const [load, count] of [
      ['browse', 3],
      ['sale', 5],
    ] as const) {
      both.value('http_reqs', { user: 'visitor', task: '', load }).total += count
      both.value('dropped_iterations', { user: 'visitor', load }).total += 10 * count
    }
    expect(userRows(both, 1000).map(({ load, user, requests, lost }) => [load, user, requests, lost?.dropped])).toEqual(
      [
        ['sale', 'visitor', 5, 50],
        ['browse', 'visitor', 3, 30],
      ],
    )
  })

  it('counts lost iterations for users only, because a dropped one has no task', () => {
    const [, buyer, search, , , idle] = userRows(snapshot(), 10_000)
    expect(buyer).toMatchObject({
      iterations: 30,
      lost: { failed: 2, interrupted: 0, dropped: 0 },
      requestsPerSecond: 4.1,
    })
    expect(search).not.toHaveProperty('lost')
    expect(idle).toMatchObject({ lost: { dropped: 3 } })
  })

  it('shows a task that iterates without a request, and none that did nothing', () => {
    const quiet = snapshot()
    quiet.value('iterations', { user: 'buyer', task: 'think' }).total += 5
    quiet.value('iterations_interrupted', { user: 'buyer', task: 'pay' }).total += 1
    const tasks = userRows(quiet, 1000).flatMap(({ user, task }) => (user === 'buyer' && task ? [task] : []))
    expect(tasks).toEqual(['search', 'buy', 'think'])
  })
})
