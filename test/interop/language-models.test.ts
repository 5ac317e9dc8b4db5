import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../core/histogram.ts'
import { testTarget } from '../e2e/target/support.ts'
import { pythonWith } from './python.ts'

const script = resolve(import.meta.dirname, 'language_models.py')

async function asked<Answer>(python: string, what: string, url: string, count: number): Promise<Answer> {
  const { stdout } = await promisify(execFile)(python, [script, what, url, what, String(count)], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{'))) as Answer
}

const openai = pythonWith('openai', 'openai')

describe.skipIf(openai === undefined)('the OpenAI client for Python', () => {
  it('reads streams, calls, typed events and errors, and counts the tokens of the ledger', async () => {
    const target = await testTarget({ 'llm.enabled': 'true' })
    const seen = await asked<Record<string, unknown[]>>(openai!, 'openai', target.url, 1)
    expect(seen).toMatchObject({
      parts: 20,
      call: ['weather', ['city']],
      last: 'response.completed',
      errors: [
        ['NotFoundError', 404, 'unknown_model'],
        ['BadRequestError', 400, 'invalid_request'],
      ],
    })
    const usages = [seen['usage'], seen['callTokens'], seen['response']] as [number, number][]
    const sum = (at: 0 | 1) => usages.reduce((total, usage) => total + usage[at], 0)
    expect((seen['response'] as unknown[])[1]).toBe(seen['deltas'])
    const { llm } = await target.settledLedger('openai')
    expect(llm).toMatchObject({
      requests: 3,
      completed: 3,
      promptTokens: { completed: sum(0) },
      completionTokens: { completed: sum(1), unsent: 0 },
    })
  })
})

interface Measured {
  responses: number
  errors: string[]
  input: number
  output: number
  ttftMs: number[]
  tpotMs: number[]
}

const llmeter = pythonWith('llmeter.endpoints.openai', 'llmeter')

describe.skipIf(llmeter === undefined)('LLMeter', () => {
  it('counts the tokens of the ledger, and sees no token before the target has sent it', async () => {
    const target = await testTarget({ 'llm.enabled': 'true' })
    const seen = await asked<Measured>(llmeter!, 'llmeter', target.url, 80)
    expect(seen).toMatchObject({ responses: 80, errors: [] })
    const { requests, completed, promptTokens, completionTokens, ...times } = (await target.settledLedger('llmeter'))
      .llm!
    expect({ requests, completed }).toEqual({ requests: 80, completed: 80 })
    expect({ input: seen.input, output: seen.output }).toEqual({
      input: promptTokens.completed,
      output: completionTokens.completed,
    })
    const first = Histogram.fromJSON(times.timeToFirstToken)
    const between = Histogram.fromJSON(times.interTokenLatency)
    const [ttftMs, tpotMs] = [seen.ttftMs, seen.tpotMs].map(all => all.toSorted((a, b) => a - b)) as [
      number[],
      number[],
    ]
    expect(ttftMs[0]!).toBeGreaterThan(first.minMs)
    expect(ttftMs[40]!).toBeGreaterThan(first.percentile(50) * 0.99)
    const shown = (times: number[]) => [0, 40, 76, 79].map(at => times[at]!.toFixed(1)).join(' / ')
    const truth = (times: Histogram) =>
      [0, 50, 95, 100].map(percent => times.percentile(percent).toFixed(1)).join(' / ')
    process.stdout.write(
      `min / p50 / p95 / max in ms: first token ${shown(ttftMs)} by LLMeter, ${truth(first)} by the ledger; ` +
        `per output token ${shown(tpotMs)} by LLMeter, between tokens ${truth(between)} by the ledger\n`,
    )
  })
})
