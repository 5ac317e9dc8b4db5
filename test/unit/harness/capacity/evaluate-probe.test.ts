import { describe, expect, it } from 'vitest'
import { type FinishedProbe, evaluateProbe } from '../../../../harness/capacity/evaluate-probe.ts'
import type { ProbeSecond } from '../../../../harness/capacity/probe-seconds.ts'
import { readSlo } from '../../../../harness/capacity/slo.ts'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { Inspector } from '../../../../harness/plan/inspector.ts'
import type { IncompleteResult } from '../../../../harness/results/complete.ts'
import type { RunOutcome, ValidityFinding } from '../../../../harness/results/run-result.ts'
import { ARRIVALS_QUESTION, SENDING_QUESTION } from '../../../../harness/results/validity.ts'

const slo = readSlo(new Inspector(), ['http_req_duration p(95)<100'])

interface Second {
  ms?: number
  slowMs?: number
  offered?: number
  lateMs?: number
}

/** Returns a second with a hundred requests, of which every tenth is slow. */
function second(at: number, { ms = 10, slowMs = ms, offered = 100, lateMs = 0 }: Second = {}): ProbeSecond {
  const samples = new Snapshot()
  const tags = { name: '/a', method: 'GET' }
  const { histogram } = samples.value('http_req_duration', tags)
  for (let request = 0; request < 100; request++) {
    histogram.record(request % 10 === 0 ? slowMs : ms)
    samples.value('http_req_service_time', tags).histogram.record(ms)
    samples.value('send_delay', tags).histogram.record(lateMs)
  }
  samples.value('http_reqs', tags).total = 100
  samples.value('http_req_failed', tags).total = 100
  samples.value('iterations', {}).total = 100
  return { fromMs: at * 1000, toMs: (at + 1) * 1000, samples, offered }
}

const finding = (question: string, state: ValidityFinding['state']): ValidityFinding => {
  return { question, cause: 'pace', state, observed: 'observed', limit: 'limit', advice: 'advice' }
}

function evaluate(
  seconds: ProbeSecond[],
  {
    outcome = 'completed',
    findings = [finding(SENDING_QUESTION, 'ok')],
    known = false,
  }: {
    outcome?: RunOutcome['state']
    findings?: ValidityFinding[]
    known?: boolean
  } = {},
) {
  const isValid = findings.every(({ state }) => state === 'ok')
  const result = {
    outcome: { state: outcome, detail: '' },
    validity: { state: isValid ? 'valid' : 'invalid', findings },
    run: { id: 'probe-1' },
    totals: { requests: 1000 },
  } as unknown as IncompleteResult
  const probe: FinishedProbe = { load: 100, purpose: 'bracket', slo, seconds, result, isKnownToWork: known }
  return evaluateProbe(probe)
}

const ten = (options?: Second) => Array.from({ length: 10 }, (_, at) => second(at, options))

describe('evaluateProbe', () => {
  it('says whether the objective was met, from the seconds after the warm-up', () => {
    const warm = [second(0, { ms: 900 }), ...ten().slice(1)]
    expect(evaluate(warm)).toMatchObject({ state: 'meets', measuredMs: 9000, steadiness: { state: 'steady', cut: 1 } })
    expect(evaluate(ten({ slowMs: 150 }))).toMatchObject({ state: 'fails', slo: [{ state: 'failed' }] })
  })

  it('describes the probe: throughput, concurrency by Little’s law, operations', () => {
    const { iterationsPerSecond, requestsPerSecond, concurrency, operations } = evaluate(ten())
    expect({ iterationsPerSecond, requestsPerSecond }).toEqual({ iterationsPerSecond: 100, requestsPerSecond: 100 })
    expect(concurrency).toBeCloseTo(1, 2)
    expect(operations).toMatchObject([{ name: '/a', method: 'GET', requests: 1000, failed: 0 }])
  })

  it('fails a service whose queue grows, although its first seconds meet the objective', () => {
    const growing = Array.from({ length: 10 }, (_, at) => second(at, { ms: 10 + 5 * at, offered: 120 }))
    expect(evaluate(growing)).toMatchObject({ state: 'growing', margin: { value: -1.5 } })
    const kept = Array.from({ length: 10 }, (_, at) => second(at, { ms: 10 + 5 * at, offered: 100 }))
    expect(evaluate(kept).state).toBe('meets')
  })

  it('blames the generator for a probe that is invalid or late, and gives it no margin', () => {
    const invalid = evaluate(ten(), { findings: [finding(SENDING_QUESTION, 'doubtful')] })
    expect(invalid.state).toBe('generator_limit')
    expect(invalid.margin).toBeUndefined()
    const late = evaluate(ten({ lateMs: 30 }))
    expect(late).toMatchObject({
      state: 'generator_limit',
      doubts: [{ question: SENDING_QUESTION, observed: 'p95 of the delay 30 ms' }],
    })
  })

  it('blames the target for arrivals without a user if it was too slow anyway', () => {
    const findings = [finding(ARRIVALS_QUESTION, 'doubtful')]
    expect(evaluate(ten({ slowMs: 150 }), { findings }).state).toBe('fails')
    expect(evaluate(ten(), { findings }).state).toBe('generator_limit')
  })

  it('fails a service in which nothing succeeded, however quick it is', () => {
    expect(evaluate(ten(), { outcome: 'nothing_succeeded' })).toMatchObject({ state: 'fails', margin: { value: -3 } })
    expect(evaluate([]).state).toBe('fails')
  })

  it('ends a search whose target is gone, or whose scenario never worked', () => {
    expect(evaluate(ten(), { outcome: 'target_lost' }).state).toBe('ended')
    expect(evaluate(ten(), { outcome: 'scenario_failed' }).state).toBe('ended')
    expect(evaluate(ten(), { outcome: 'scenario_failed', known: true }).state).toBe('fails')
    expect(evaluate(ten(), { outcome: 'machine_exhausted' }).state).toBe('generator_limit')
  })
})
