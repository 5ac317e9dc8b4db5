import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../core/histogram.ts'
import { scenario, type Scenario, type ScenarioFaults, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'

const quick = { 'llm.enabled': 'true', 'llm.stepBase': '2ms', 'llm.prefillPerToken': '0.01ms' }

/** Users that ask by both APIs, with and without a stream, and with a tool. */
function asking(faults: ScenarioFaults = {}): Scenario {
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }]
  const most = { model: 'loadcell-1', maxTokens: 24, timeout: '3s' } as const
  return scenario({
    load: { executor: 'per-vu-iterations', vus: 4, iterations: 4, maxDuration: '20s' },
    faults,
    llm: { goodput: { ttft: '20s', tpot: '20s' } },
    users: [
      user('asker', {
        async iterate({ llm }) {
          await llm.chat({ ...most, messages: 'Hello there' })
          await llm.chat({ ...most, messages: 'Hello there', stream: false })
          await llm.chat({ ...most, messages: 'Hello there', tools, toolChoice: 'required' })
          await llm.respond({ ...most, input: 'Hello there' })
        },
      }),
    ],
  })
}

describe('language models at both ends', () => {
  it('agree on every request and every token of a clean run', async () => {
    const { result, ledger, compared } = await bothEnds(quick, asking())
    expect(compared).toEqual(expect.arrayContaining(['prompt tokens', 'completion tokens', 'llm.chat bytes received']))
    const { llm } = ledger
    expect(llm).toMatchObject({ requests: 64, completed: 64, cut: 0, failed: 0, open: 0 })
    expect(llm!.completionTokens).toMatchObject({ unsent: 0, generated: llm!.completionTokens.completed })
    expect(result.llm).toMatchObject({
      requests: 64,
      failed: 0,
      goodput: { good: 48, judged: 48 },
      completionTokens: llm!.completionTokens.completed,
      promptTokens: llm!.promptTokens.completed,
    })
    expect(result.llm!.names.map(({ name, requests }) => [name, requests])).toEqual([
      ['/v1/chat/completions', 48],
      ['/v1/responses', 16],
    ])
  })

  it('agree on when the first token came', async () => {
    const { result, ledger } = await bothEnds(quick, asking())
    const theirs = Histogram.fromJSON(ledger.llm!.timeToFirstToken)
    expect(theirs.count).toBe(64)
    // The harness sees a token after the target has handed it over.
    expect(result.llm!.firstTokenService.minMs).toBeGreaterThan(theirs.minMs - 1)
  })

  it.each([
    ['delays', { fault: { type: 'delay', at: 'before_handler', distribution: '5ms' } }, false],
    ['statuses', { fault: { type: 'status', status: 503 }, share: 0.5 }, true],
    ['statuses in place of answers', { fault: { type: 'status', status: 503, at: 'after_handler' }, share: 0.5 }, true],
    ['streams that are cut', { fault: { type: 'close_early', afterBytes: 700 }, share: 0.5 }, true],
    ['resets in the middle', { fault: { type: 'reset', at: 'after_handler', afterBytes: 700 }, share: 0.5 }, true],
    ['pauses between chunks', { fault: { type: 'delay', at: 'between_chunks', distribution: '3ms' } }, false],
    ['slow bodies', { fault: { type: 'dribble', bytesPerSecond: 50_000 } }, false],
    ['bad JSON', { fault: { type: 'corrupt', how: 'invalid_json' }, share: 0.5 }, true],
  ] as const)('agree under %s', async (_what, rule, fails) => {
    const rules = [{ id: 'rule', match: { operation: 'llm.*' }, ...rule }] as ScenarioFaults['rules']
    const { result, ledger } = await bothEnds(quick, asking({ rules: rules! }))
    expect(result.totals.failedRequests > 0, `${result.totals.failedRequests} failed`).toBe(fails)
    const { requests, completed, failed, cut, open, completionTokens } = ledger.llm!
    expect([completed + failed + cut, open]).toEqual([requests, 0])
    expect(completionTokens.generated).toBe(completionTokens.sent + completionTokens.unsent)
  })

  it('agree about answers that fail in the middle', async () => {
    const { result, ledger } = await bothEnds({ ...quick, 'llm.failureRate': '0.5' }, asking())
    const { failed, completed } = ledger.llm!
    expect([failed + completed, failed > 0]).toEqual([64, true])
    expect(result.llm!.failed).toBe(failed)
    expect(new Set(result.errors.map(({ reason }) => reason))).toEqual(new Set(['llm_error', 'status']))
  })
})
