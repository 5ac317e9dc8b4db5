import { describe, expect, it } from 'vitest'
import { WORKER_LIMITS } from '../../../../harness/results/validity.ts'
import { workerFindings } from '../../../../harness/results/worker-findings.ts'
import type { WorkerRow } from '../../../../harness/results/worker-rows.ts'

const calm = { requests: 1, iterations: 1, cpu: 0.2, eventLoopDelayP99Ms: 1, sendDelayP99Ms: 0 }
const rows: WorkerRow[] = [1, 2, 3].map(worker => ({ worker, ...calm }))
const gauges = { users: 1, streams: 0, sockets: 0 }

/** Ten seconds, in which the second worker has this reading for the first few. */
function seconds(bad: number, cpu: number) {
  return Array.from({ length: 10 }, (_, second) => ({
    workers: new Map(
      [0, 1, 2].map(worker => [
        worker,
        { gauges, generator: { cpu: worker === 1 && second < bad ? cpu : 0.2, eventLoopDelayP99Ms: 1, gc: 0 } },
      ]),
    ),
  }))
}

const lost = { atMs: 4000, detail: 'its process ended with SIGKILL', users: 3, arrivals: 20, share: 0.2 }

describe('workerFindings', () => {
  it('are none in a run without workers of its own', () => {
    expect(workerFindings([], seconds(0, 1), WORKER_LIMITS)).toEqual([])
  })

  it('are fine when all workers stayed and kept up', () => {
    const findings = workerFindings(rows, seconds(4, 0.99), WORKER_LIMITS)
    expect(findings.map(({ state, observed }) => [state, observed])).toEqual([
      ['ok', 'all 3 did'],
      ['ok', 'all 3 did'],
    ])
  })

  it('name a worker that was lost, what was lost with it, and until when it counts', () => {
    const [finding] = workerFindings([rows[0]!, { ...rows[1]!, lost }, rows[2]!], seconds(0, 1), WORKER_LIMITS)
    expect(finding).toMatchObject({
      cause: 'workers',
      state: 'doubtful',
      observed:
        'worker 2 of 3 was lost, with 3 users and 20 arrivals, and counts until 4s: its process ended with SIGKILL',
    })
  })

  it('tell of a loss that is too small to matter', () => {
    const small = { ...lost, share: 0.005 }
    const [finding] = workerFindings([rows[0]!, { ...rows[1]!, lost: small }], seconds(0, 1), WORKER_LIMITS)
    expect(finding).toMatchObject({ state: 'ok', observed: expect.stringContaining('worker 2 of 2 was lost') })
  })

  it('doubt a run whose measurements are incomplete', () => {
    const [finding] = workerFindings([{ ...rows[0]!, missingIntervals: 2 }], seconds(0, 1), WORKER_LIMITS)
    expect(finding).toMatchObject({ state: 'doubtful', observed: '2 s of worker 1 never came' })
  })

  it('name a worker that had too little of the processor', () => {
    const [, finding] = workerFindings(rows, seconds(6, 0.99), WORKER_LIMITS)
    expect(finding).toMatchObject({
      cause: 'pace',
      state: 'doubtful',
      observed: 'worker 2 did not in 6 of 10 seconds',
    })
  })
})
