import type {
  CapacityOutcome,
  CapacityProbe,
  CapacityResult,
  SearchCost,
} from '../../harness/capacity/capacity-result.ts'
import { capacityOf } from '../../harness/capacity/finished-search.ts'
import type { SearchPlan } from '../../harness/capacity/search.ts'
import { capacityProbe } from './capacity-probe.ts'

const search: SearchPlan = {
  kind: 'rate',
  start: 100,
  min: 1,
  max: 10_000,
  precision: 0.05,
  probeSeconds: 10,
  mostProbes: 40,
}

/** Probes of M/M/1 with 200 services per second and 50 ms allowed at p95: up to 140 per second meet it. */
export function probesOf(loads: readonly number[]): CapacityProbe[] {
  return loads.map(load => {
    const p95Ms = load < 200 ? (1000 * Math.log(20)) / (200 - load) : 5000
    const margin = { value: Math.max(-4, (140 - load) * 0.05), error: 0.1, degrees: 9 }
    const probe = capacityProbe({
      load,
      margin,
      state: margin.value > 0.17 ? 'meets' : margin.value < -0.17 ? 'fails' : 'unclear',
      iterationsPerSecond: Math.min(load, 199),
      requestsPerSecond: Math.min(load, 199),
      concurrency: load < 200 ? load / (200 - load) : 300,
      operations: [{ name: '/orders<b>', method: 'GET', requests: 1000, failed: 0, p50Ms: p95Ms / 4, p95Ms }],
    })
    const [condition] = probe.slo
    return { ...probe, slo: [{ ...condition!, observed: p95Ms }], response: { ...probe.response, p95Ms } }
  })
}

/** Returns the result of a search with these probes. */
export function capacityResult({
  probes = probesOf([50, 100, 120, 137, 141, 146, 160, 190]),
  state = 'found',
  cost = {},
  plan = {},
}: {
  probes?: CapacityProbe[]
  state?: CapacityOutcome['state']
  cost?: Partial<SearchCost>
  plan?: Partial<SearchPlan>
} = {}): CapacityResult {
  return capacityOf({
    version: '0.1.0',
    outcome: { state, detail: '' },
    subject: {
      scenario: 'shop',
      source: 'shop',
      slo: [{ metric: 'http_req_duration', expression: 'p(95)<50' }],
      unit: 'iterations per second',
      arrivals: 'poisson',
      targetUrl: 'http://127.0.0.1:8080',
      embedded: true,
      targetSettings: { 'http.serverTiming': 'true' },
      faults: ['database'],
      engine: 'lean',
      seed: 1,
      startedAt: 1_700_000_000_000,
      environment: { node: 'v24', platform: 'linux x64', cpuModel: 'some', cpuCount: 2, memoryBytes: 8e9 },
    },
    search: { ...search, ...plan },
    probes,
    observations: probes.map(({ load, margin }) => ({ load, seconds: 10, steady: true, ...(margin && { margin }) })),
    cost: { probes: probes.length, durationMs: 90_000, measuredMs: 80_000, requests: 9000, ...cost },
  })
}
