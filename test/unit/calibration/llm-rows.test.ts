import { describe, expect, it } from 'vitest'
import { llmRows } from '../../../calibration/llm-rows.ts'
import type { LlmAccount } from '../../../contract/llm/ledger.ts'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { counter, empty, ledgerSide } from './sides.ts'

const chat = { operation: 'llm.chat', name: '/v1/chat/completions', status: '200' }

function account(completed: number): LlmAccount {
  return {
    requests: 4,
    streams: 4,
    refused: 0,
    completed: 4,
    failed: 0,
    cut: 0,
    slowConsumers: 0,
    open: 0,
    promptTokens: { read: 40, completed: 40 },
    completionTokens: { generated: completed, sent: completed, unsent: 0, completed },
    queueWait: empty,
    timeToFirstToken: empty,
    interTokenLatency: empty,
  }
}

function rows(theirs: number, { asked = 4, failed = 0, ours = 200 } = {}) {
  const failures: RunResult['series'][number] = {
    metric: 'http_req_failed',
    tags: chat,
    value: { kind: 'rate', hits: failed, total: 4 },
  }
  const series = [
    counter('http_reqs', chat, 4),
    counter('http_reqs', { operation: 'orders.list', status: '200' }, 9),
    counter('llm_requests', chat, asked),
    counter('llm_prompt_tokens', chat, 40),
    counter('llm_completion_tokens', chat, ours),
    failures,
  ]
  return llmRows(series, { ...ledgerSide(), llm: account(theirs) })
}

describe('llmRows', () => {
  it('compares prompt and completion tokens', () => {
    expect(rows(200)).toEqual([
      { what: 'prompt tokens', harness: 40, ledger: 40, difference: 0 },
      { what: 'completion tokens', harness: 200, ledger: 200, difference: 0 },
    ])
    expect(rows(201).map(({ difference }) => difference)).toEqual([0, -1])
    expect(rows(199).map(({ difference }) => difference)).toEqual([0, 1])
  })

  it('says how many tokens were of answers that failed here, and never lets the harness have more', () => {
    expect(rows(230, { failed: 1 })[1]).toEqual({
      what: 'completion tokens, but for 30 of answers that failed',
      harness: 200,
      ledger: 200,
      difference: 0,
    })
    expect(rows(190, { failed: 1 })[1]!.difference).toBe(10)
  })

  it('compares nothing if some answers were not read by llm.chat, or none was asked for', () => {
    expect(rows(500, { asked: 3 })).toEqual([])
    expect(llmRows([], ledgerSide())).toEqual([])
  })
})
