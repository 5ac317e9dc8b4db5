import type { CapacityProbe } from '../../harness/capacity/capacity-result.ts'
import { summarise } from '../../harness/results/trend-summary.ts'
import { Histogram } from '../../core/histogram.ts'

/** Returns a probe that met its objective, with changes. */
export function capacityProbe(changes: Partial<CapacityProbe> & Pick<CapacityProbe, 'load'>): CapacityProbe {
  const { load } = changes
  return {
    purpose: 'bracket',
    state: 'meets',
    measuredMs: 10_000,
    steadiness: { state: 'steady', cut: 0 },
    margin: { value: 1, error: 0.1, degrees: 9 },
    slo: [
      {
        metric: 'http_req_duration',
        expression: 'p(95)<50',
        state: 'passed',
        observed: 20,
        limit: 50,
        unit: 'ms',
        margin: 0.6,
        samples: load * 10,
      },
    ],
    outcome: { state: 'completed', detail: 'The run went through as planned.' },
    runId: `probe-${load}`,
    iterationsPerSecond: load,
    requestsPerSecond: load,
    failedShare: 0,
    concurrency: load / 100,
    response: { ...summarise(new Histogram()), count: load * 10, p50Ms: 8, p95Ms: 20, p99Ms: 30, maxMs: 40 },
    operations: [],
    doubts: [],
    drainedAfterMs: 200,
    ...changes,
  }
}
