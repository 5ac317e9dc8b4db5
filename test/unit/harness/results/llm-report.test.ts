import { describe, expect, it } from 'vitest'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { llmReport } from '../../../../harness/results/llm-report.ts'

describe('llmReport', () => {
  it('is nothing for a run that asked no language model', () => {
    expect(llmReport(new Snapshot(), 1000)).toEqual({})
  })

  it('sums tokens, times and goodput, over all names and by name', () => {
    const snapshot = new Snapshot()
    const chat = { name: '/v1/chat/completions', operation: 'llm.chat' }
    const other = { name: 'gateway:/v1/responses', host: 'gateway' }
    for (const [tags, requests] of [
      [chat, 3],
      [other, 1],
    ] as const) {
      snapshot.value('llm_requests', tags).total = requests
      snapshot.value('llm_completion_tokens', tags).total = 100 * requests
      snapshot.value('llm_time_to_first_token', tags).histogram.record(50 * requests)
      const failed = snapshot.value('http_req_failed', { ...tags, status: '200' })
      failed.total = requests
      failed.hits = 1
    }
    // Of another request, which is none of a language model.
    snapshot.value('http_req_failed', { name: '/orders', status: '500' }).hits = 7
    const goodput = snapshot.value('llm_goodput', chat)
    goodput.total = 3
    goodput.hits = 2
    const { llm } = llmReport(snapshot, 2000)
    expect(llm).toMatchObject({
      requests: 4,
      failed: 2,
      completionTokens: 400,
      completionTokensPerSecond: 200,
      timeToFirstToken: { count: 2, maxMs: 150 },
      goodput: { good: 2, judged: 3 },
    })
    expect(llm!.names).toMatchObject([
      { name: chat.name, requests: 3, failed: 1, completionTokens: 300, goodput: { good: 2, judged: 3 } },
      { name: other.name, requests: 1, failed: 1, completionTokens: 100 },
    ])
    expect(llm!.names[1]).not.toHaveProperty('goodput')
  })
})
