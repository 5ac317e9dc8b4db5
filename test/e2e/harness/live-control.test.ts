import { describe, expect, it, onTestFinished } from 'vitest'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import { systemClock } from '../../../core/clock.ts'
import { openModel } from '../../../harness/load/arrivals.ts'
import { LoadCourse } from '../../../harness/load/load-course.ts'
import { ControlledRun } from '../../../harness/live-control/controlled-run.ts'
import { createPlan } from '../../../harness/plan/plan.ts'
import type { IncompleteResult } from '../../../harness/results/complete.ts'
import { run, type RunOptions } from '../../../harness/run/run.ts'
import { type Context, type Scenario, scenario, user } from '../../../harness/scenario.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { localWorkers } from '../../support/local-workers.ts'

const iterate = ({ http }: Context<unknown>) => http.get('/api/v1/products/1')
const caller = [user('caller', { iterate })]

/** Runs against a target in this process, lets `act` give commands, and checks that the ledger agrees with every count. */
async function controlled(
  definition: Scenario,
  act: (controls: ControlledRun) => Promise<void>,
  workers = 1,
): Promise<IncompleteResult> {
  const target = await startTarget(loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'silent' } }))
  onTestFinished(() => target.close())
  const plan = createPlan(definition, 'trial', { seed: 7, tags: {}, warmup: 0 })
  const controls = new ControlledRun({ id: 'trial-1', scenario: 'trial', targetUrl: target.url, folder: '/', since: 0 })
  const options: RunOptions = {
    clock: systemClock,
    signal: controls.stopped,
    kill: controls.killed,
    controls,
    runId: 'trial-1',
    targetUrl: target.url,
    embedded: false,
    version: '0.0.0',
    ...(workers > 1 && localWorkers(plan, workers)),
  }
  const running = run(plan, options)
  while (controls.status().state === 'preparing') await systemClock.sleep(5)
  await act(controls)
  const result = await running
  const ledger = await readSettledLedger({ targetUrl: target.url, clock: systemClock }, result.run.id)
  const { rows, state } = reconcile(result, ledger)
  expect(rows.filter(({ difference }) => difference !== 0)).toEqual([])
  expect(state).toBe('agrees')
  return result
}

/** The schedules are seconds longer than these waits, so that a busy machine is not too late for its commands. */
const sleep = (durationMs: number) => systemClock.sleep(durationMs)

describe('a run under live control', () => {
  it.each([1, 2])('sends exactly the requests of its schedule as it was changed, with %i workers', async workers => {
    const result = await controlled(
      scenario({
        load: { executor: 'constant-arrival-rate', rate: 50, duration: '4s', preAllocatedVUs: 400 },
        users: caller,
        thresholds: { http_reqs: ['rate>0'] },
      }),
      async controls => {
        await sleep(300)
        expect(controls.give({ kind: 'pause' })).toMatchObject({ state: 'accepted' })
        await sleep(1000)
        expect(controls.status()).toMatchObject({ state: 'paused' })
        controls.give({ kind: 'resume' })
        await sleep(200)
        controls.give({ kind: 'scale', size: { rate: 100 } })
      },
      workers,
    )
    const { changes, pausedMs } = result.liveControl!
    expect(changes.map(({ kind }) => kind)).toEqual(['pause', 'resume', 'scale'])
    const planned = openModel(50, [{ durationMs: 4000, target: 50 }], 'constant')
    const { iterations, droppedIterations, requests } = result.totals
    // A machine that is busy when the schedule ends may drop the last ones.
    const due = planned.expected(new LoadCourse(changes))
    expect(iterations + droppedIterations).toBe(due)
    expect(requests).toBe(iterations)
    expect(pausedMs).toBeCloseTo(changes[1]!.atMs - changes[0]!.atMs, 6)
    expect(result.outcome.state).toBe('completed')
    const { durationMs } = result.run
    expect(durationMs).toBeGreaterThan(4900)
    // Over the time in which it was not paused.
    expect(result.thresholds[0]?.observed).toBeCloseTo((requests / (durationMs - pausedMs)) * 1000, 3)
    expect(result.marks.map(({ label, source }) => [label, source])).toEqual([
      ['pause', 'live control'],
      ['resume', 'live control'],
      ['scale to a rate of 100', 'live control'],
    ])
    const arrivals = result.validity.findings.find(
      ({ question }) => question === 'Did every scheduled iteration begin?',
    )
    expect(arrivals?.observed).toBe(`${iterations} of ${due} began, ${droppedIterations} were dropped`)
  })

  it('pauses and scales one of several loads, and leaves the other alone', async () => {
    const result = await controlled(
      scenario({
        loads: {
          browse: { executor: 'constant-vus', vus: 2, duration: '4s', pacing: '100ms', users: caller },
          sale: { executor: 'constant-arrival-rate', rate: 20, duration: '4s', preAllocatedVUs: 80, users: caller },
        },
      }),
      async controls => {
        await sleep(300)
        controls.give({ kind: 'pause', load: 'sale' })
        controls.give({ kind: 'scale', load: 'browse', size: { users: 12 } })
        await sleep(500)
        controls.give({ kind: 'resume', load: 'sale' })
      },
      2,
    )
    const [browse, sale] = result.loads!
    expect(sale!.arrivals!.due).toBe(80)
    expect(sale!.iterations + sale!.arrivals!.dropped).toBe(80)
    expect(sale!.toMs).toBeGreaterThan(browse!.toMs)
    expect(browse!.peakUsers).toBe(12)
    expect(result.liveControl!.pausedMs).toBe(0)
    const users = result.validity.findings.find(
      ({ question }) => question === 'Did every scheduled user of browse start?',
    )
    expect(users).toMatchObject({ state: 'ok', observed: '12 of 12 started' })
  })

  it('stops during a pause, and says by what', async () => {
    const result = await controlled(
      scenario({ load: { executor: 'constant-vus', vus: 3, duration: '1m' }, users: caller }),
      async controls => {
        await sleep(200)
        controls.give({ kind: 'pause' })
        await sleep(200)
        expect(controls.give({ kind: 'stop' })).toMatchObject({ state: 'accepted' })
      },
    )
    expect(result.outcome).toEqual({
      state: 'interrupted',
      detail: 'The run was ended by live control (stop) before its planned end.',
    })
    expect(result.marks.map(({ label }) => label)).toEqual(['pause', 'stop'])
  })
})
