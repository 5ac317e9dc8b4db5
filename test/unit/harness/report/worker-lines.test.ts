import { describe, expect, it } from 'vitest'
import { renderReport } from '../../../../harness/report/html.ts'
import { workerLines } from '../../../../harness/report/worker-lines.ts'
import type { WorkerRow } from '../../../../harness/results/worker-rows.ts'
import { hostile, passedRun } from './fixture.ts'

const row: WorkerRow = {
  worker: 1,
  host: 'one',
  pid: 41,
  cores: 8,
  node: 'v24',
  requests: 1200,
  iterations: 1000,
  cpu: 0.4,
  eventLoopDelayP99Ms: 2,
  sendDelayP99Ms: 0.1,
}
const lost = { atMs: 4000, detail: `it ${hostile} ended`, users: 3, arrivals: 0, share: 0.2 }
const workers: WorkerRow[] = [row, { ...row, worker: 2, host: 'two', requests: 1300, cpu: 0.5, lost }]

describe('workerLines', () => {
  it('are none in a run with one worker', () => {
    expect(workerLines(passedRun(), 68)).toEqual([])
  })

  it('tell what the workers did together, and who was lost', () => {
    const [first, ...rest] = workerLines({ workers }, 100)
    expect(first).toBe('2 on 2 machines · 1,200–1,300 requests each · 40.0 %–50.0 % of a core · at most 2.00 ms late')
    expect(rest.join(' ')).toContain('worker 2 of 2 was lost, with 3 users, and counts until 4s')
    expect(rest.join('')).not.toContain('\u001b')
  })

  it('give one number where all workers have the same', () => {
    expect(workerLines({ workers: [row, { ...row, worker: 2 }] }, 100)).toEqual([
      '2 · 1,200 requests each · 40.0 % of a core · at most 2.00 ms late',
    ])
  })
})

describe('the clocks of workers', () => {
  const apart = [
    { ...row, name: `far ${hostile}`, place: 'eu-west', clock: { offsetMs: 180_000, uncertaintyMs: 2 } },
    { ...row, worker: 2, clock: { offsetMs: -0.4, uncertaintyMs: 0.2 } },
  ]

  it('have a line if they are far apart', () => {
    const lines = workerLines({ workers: apart }, 200).slice(1)
    expect(lines.join(' ')).toMatch(/^the clock of far .* is 3m ahead; its start was corrected$/)
    expect(lines.join('')).not.toContain('\u001b')
  })

  it('are shown with their largest error on the page', () => {
    const page = renderReport({ ...passedRun(), workers: apart })
    expect(page).toMatch(/\+3m ± 2\.00 ms/)
    expect(page).toMatch(/−0\.40 ms ± 0\.20 ms/)
    expect(page).toContain('in eu-west: one, process 41')
    expect(page).toContain('It ran on 2 workers of a cluster: add --cluster with its URL, and --workers 2.')
  })
})

describe('the page of a run with workers', () => {
  it('has a row for each of them, with the reason of a loss as text', () => {
    const page = renderReport({ ...passedRun(), workers })
    expect(page).toContain('id="workers"')
    expect(page).toContain('two, process 41')
    expect(page).toContain('It ran on 2 workers: add --workers 2 for as many.')
    expect(page).toContain('✗ lost')
    expect(page).not.toContain(lost.detail)
    expect(renderReport(passedRun())).not.toContain('id="workers"')
  })
})
