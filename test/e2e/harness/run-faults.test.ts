import { describe, expect, it } from 'vitest'
import { faultOutcomesOf } from '../../../calibration/ledger-findings.ts'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import type { FaultsReport, TimelineReport } from '../../../contract/faults/report.ts'
import { systemClock } from '../../../core/clock.ts'
import {
  type Scenario,
  scenario,
  type ScenarioFaults,
  type SingleLoadScenario,
  user,
} from '../../../harness/scenario.ts'
import { runTrial, trialTarget } from './trial.ts'

async function report<T>(targetUrl: string, path: 'faults' | 'timeline'): Promise<T> {
  return (await (await fetch(`${targetUrl}/_loadcell/${path}`)).json()) as T
}

async function expectNothingLeft(targetUrl: string): Promise<void> {
  expect(await report<FaultsReport>(targetUrl, 'faults')).toEqual({ rules: [], presets: [] })
  expect(await report<TimelineReport>(targetUrl, 'timeline')).toEqual({ timeline: null, bands: [] })
}

function reading(faults: ScenarioFaults, more: Partial<SingleLoadScenario> = {}): Scenario {
  return scenario({
    load: { executor: 'constant-arrival-rate', rate: 50, duration: '3s', maxVUs: 500, gracefulStop: '1s' },
    faults,
    users: [user('reader', { iterate: ({ http }) => http.get('/api/v1/products/7') })],
    ...more,
  })
}

const down = { id: 'down', fault: { type: 'status', status: 503 } } as const

describe('faults with a run', () => {
  it('follow their phases, are reported with their times, and are removed at the end', async () => {
    const targetUrl = await trialTarget()
    const timeline = {
      phases: [
        { name: 'healthy', duration: '2s' },
        { name: 'down', duration: '2s', faults: [{ ...down, share: 0.5 }] },
        { name: 'healthy again', duration: '1h' },
      ],
    }
    const thresholds = {
      'http_req_failed{phase:down}': ['rate<0.1', 'rate>0.2'],
      'http_req_failed{phase:healthy}': ['rate<0.1'],
      http_req_failed: ['rate<0.5'],
      'http_reqs{phase:down}': ['rate>30', 'rate<90'],
    }
    const definition = reading({ timeline }, { warmup: '300ms', thresholds })
    const result = await runTrial(targetUrl, definition, { plan: { duration: '6s' } })
    // The run is twice as long as its scenario, and so is each phase.
    expect(result.bands.map(({ name, rules }) => [name, rules])).toEqual([
      ['healthy', []],
      ['down', ['down']],
    ])
    const [healthy, broken] = result.bands as [(typeof result.bands)[0], (typeof result.bands)[0]]
    expect(healthy.fromMs).toBe(0)
    expect(broken.fromMs).toBe(healthy.toMs)
    expect(broken.toMs).toBe(result.run.durationMs)

    const ledger = await readSettledLedger({ targetUrl, clock: systemClock }, result.run.id)
    const [outcome] = faultOutcomesOf(ledger).rules
    expect(outcome).toMatchObject({ id: 'down', type: 'status', share: { configured: 0.5, agrees: true } })
    expect(result.totals.failedRequests).toBe(outcome?.injected)
    const failing = result.errors[0]!
    expect(failing.firstMs).toBeGreaterThanOrEqual(broken.fromMs)
    expect(reconcile(result, ledger).state).toBe('agrees')
    await expectNothingLeft(targetUrl)

    expect(result.thresholds.map(({ metric, expression, state }) => [metric, expression, state])).toEqual([
      ['http_req_failed{phase:down}', 'rate<0.1', 'failed'],
      ['http_req_failed{phase:down}', 'rate>0.2', 'passed'],
      ['http_req_failed{phase:healthy}', 'rate<0.1', 'passed'],
      ['http_req_failed', 'rate<0.5', 'passed'],
      // Per second of the phase, not of the run.
      ['http_reqs{phase:down}', 'rate>30', 'passed'],
      ['http_reqs{phase:down}', 'rate<90', 'passed'],
    ])
    const { totals, phases, names } = result
    expect(phases.map(({ name }) => name)).toEqual(['healthy', 'down'])
    expect(phases.reduce((sum, { requests }) => sum + requests, 0)).toBe(totals.requests)
    expect(phases.reduce((sum, { response }) => sum + response.count, 0)).toBe(totals.response.count)
    expect(phases[1]!.failed).toBeGreaterThan(totals.failedRequests * 0.9)
    expect(names.map(({ name, requests }) => [name, requests])).toEqual([['/api/v1/products/{id}', totals.requests]])
  })

  it('report a repeated phase under its name', async () => {
    const targetUrl = await trialTarget()
    const timeline = {
      phases: [
        { name: 'up', duration: '1s' },
        { name: 'down', duration: '500ms', faults: [down] },
      ],
      loop: true,
    }
    // A third of all requests fails. On a busy machine, some arrive when the next phase has begun.
    const thresholds = { 'http_req_failed{phase:up}': ['rate<0.3'], 'http_req_failed{phase:down}': ['rate>0.5'] }
    const result = await runTrial(targetUrl, reading({ timeline }, { thresholds }))
    expect(result.thresholds.map(({ state }) => state)).toEqual(['passed', 'passed'])
    expect(result.bands.slice(0, 4).map(({ name }) => name)).toEqual(['up', 'down', 'up', 'down'])
    expect(result.phases.map(({ name }) => name)).toEqual(['up', 'down'])
    expect(result.phases[0]!.requests + result.phases[1]!.requests).toBe(150)
  })

  it('are active from the first request of the run, but not in its warm-up', async () => {
    const targetUrl = await trialTarget()
    const result = await runTrial(targetUrl, reading({ rules: [down] }), { plan: { warmup: '500ms' } })
    expect(result.totals.failedRequests).toBe(result.totals.requests)
    expect(result.totals.requests).toBe(150)
    expect(result.bands).toEqual([])
    const warmup = await readSettledLedger({ targetUrl, clock: systemClock }, `${result.run.id}~warmup`)
    expect(warmup.faults.rules).toEqual([])
    expect(warmup.operations.find(({ operation }) => operation === 'products.get')?.arrivals).toBeGreaterThan(0)
    await expectNothingLeft(targetUrl)
  })

  it.each(['signal', 'kill'] as const)('are gone after an interruption (%s)', async how => {
    const targetUrl = await trialTarget()
    const interrupted = new AbortController()
    let seen: FaultsReport | undefined
    const rules = [{ id: 'gone', match: { operation: 'products.get' }, fault: { type: 'hang' } }] as const
    const result = await runTrial(targetUrl, reading({ rules: [...rules], presets: ['flaky'] }), {
      [how]: interrupted.signal,
      plan: { duration: '1m' },
      async onProgress() {
        seen ??= await report<FaultsReport>(targetUrl, 'faults')
        interrupted.abort()
      },
    })
    expect(result.outcome.state).toBe('interrupted')
    expect(seen?.rules.map(({ rule }) => rule.id)).toEqual(['gone', 'flaky.error', 'flaky.reset', 'flaky.truncated'])
    // This holds even if the harness is killed.
    for (const { endsAt = Number.POSITIVE_INFINITY, setAt } of seen!.rules) {
      expect(endsAt - setAt).toBeGreaterThan(60_000)
      expect(endsAt - setAt).toBeLessThan(120_000)
    }
    await expectNothingLeft(targetUrl)
  })

  it('are removed when a threshold ends the run', async () => {
    const targetUrl = await trialTarget()
    const thresholds = { http_req_failed: [{ threshold: 'rate<0.5', abortOnFail: true }] }
    const result = await runTrial(targetUrl, reading({ rules: [down] }, { thresholds }), { plan: { duration: '1m' } })
    expect(result.outcome.state).toBe('aborted_by_threshold')
    await expectNothingLeft(targetUrl)
  })

  it('are rejected before any load if the target has its own faults, which it keeps', async () => {
    const targetUrl = await trialTarget({ 'faults.presets': '["flaky"]' })
    const result = await runTrial(targetUrl, reading({ rules: [down] }))
    expect(result.outcome).toEqual({
      state: 'scenario_failed',
      detail:
        'The scenario sets faults, but the target already has faults (flaky.error, flaky.reset, flaky.truncated) that would add to them. Remove these with `loadcell faults clear`.',
    })
    expect(result.totals.requests).toBe(0)
    expect((await report<FaultsReport>(targetUrl, 'faults')).presets).toEqual(['flaky'])
  })

  it('are rejected if the control plane is closed to the harness', async () => {
    const targetUrl = await trialTarget({ 'control.token': 'a-secret-of-the-operators' })
    const refused = await runTrial(targetUrl, reading({ rules: [down] }))
    expect(refused.outcome.state).toBe('scenario_failed')
    expect(refused.outcome.detail).toContain('set LOADCELL_CONTROL_TOKEN to its control.token')
    const done = await runTrial(targetUrl, reading({ rules: [down] }), { controlToken: 'a-secret-of-the-operators' })
    expect(done.totals.failedRequests).toBe(150)
  })

  it('start over if a killed run left an expired timeline', async () => {
    const targetUrl = await trialTarget()
    const timeline = { phases: [{ name: 'down', duration: '1500ms', faults: [down] }] }
    // The timeline as that run would have set it, had it not been killed.
    await fetch(`${targetUrl}/_loadcell/timeline`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ phases: [{ name: 'down', duration: '1ms', faults: [down] }] }),
    })
    const result = await runTrial(targetUrl, reading({ timeline }))
    expect(result.bands.map(({ name }) => name)).toEqual(['down'])
    expect(result.totals.failedRequests).toBeGreaterThan(0)
    expect(result.totals.failedRequests).toBeLessThan(150)
    await expectNothingLeft(targetUrl)
  })
})
