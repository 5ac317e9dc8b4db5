import { describe, expect, it } from 'vitest'
import { CompactHistogram } from '../../../../core/compact-histogram.ts'
import { createPlan } from '../../../../harness/plan/plan.ts'
import { type WorkerEvidence, workerRows } from '../../../../harness/results/worker-rows.ts'

const users = [{ name: 'u', iterate: () => {} }]
const closed = { executor: 'constant-vus', vus: 7, duration: '10s', users }
const open = { executor: 'constant-arrival-rate', rate: 9, duration: '10s', users }
const plan = createPlan({ loads: { closed, open } }, 'trial', { seed: 1, tags: {}, warmup: 0 })

function worker(index: number, more: Partial<WorkerEvidence> = {}): WorkerEvidence {
  return {
    index,
    place: { host: 'here', pid: 40 + index, cores: 2, node: 'v24' },
    requests: 100,
    iterations: 90,
    offered: 12,
    cpu: 0.25,
    worstLoopDelayMs: 3,
    sendDelay: CompactHistogram.empty,
    missing: 0,
    ...more,
  }
}

describe('workerRows', () => {
  it('has a row for each worker, with what it did', () => {
    expect(workerRows([worker(0), worker(1, { place: undefined })], plan)).toEqual([
      {
        worker: 1,
        host: 'here',
        pid: 40,
        cores: 2,
        node: 'v24',
        requests: 100,
        iterations: 90,
        cpu: 0.25,
        eventLoopDelayP99Ms: 3,
        sendDelayP99Ms: 0,
      },
      {
        worker: 2,
        requests: 100,
        iterations: 90,
        cpu: 0.25,
        eventLoopDelayP99Ms: 3,
        sendDelayP99Ms: 0,
      },
    ])
  })

  it('counts the users and the arrivals that are lost with a worker, and its part of the whole load', () => {
    const lost = { atMs: 2500, detail: 'its process ended with SIGKILL' }
    const rows = workerRows([worker(0, { lost }), worker(1, { lost }), worker(2, { missing: 4 })], plan)
    // Of 7 users and 90 arrivals; 12 of them were due.
    expect(rows[0]?.lost).toEqual({ ...lost, users: 3, arrivals: 18, share: 0.75 / 3 })
    expect(rows[1]?.lost).toEqual({ ...lost, users: 2, arrivals: 18, share: 0.75 / 3 })
    expect(rows[2]).toMatchObject({ missingIntervals: 4 })
    expect(rows[2]).not.toHaveProperty('lost')
  })

  it('has the name, the place and the clock of a worker of a cluster', () => {
    const place = { host: 'far', pid: 1, cores: 2, node: 'v24', place: 'eu-west' }
    const [row] = workerRows(
      [worker(0, { recruit: { name: 'a' }, place, clockOffsetMs: -3, clockUncertaintyMs: 1 })],
      plan,
    )
    expect(row).toMatchObject({ name: 'a', place: 'eu-west', clock: { offsetMs: -3, uncertaintyMs: 1 } })
  })
})
