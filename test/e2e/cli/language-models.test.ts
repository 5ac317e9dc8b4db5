import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { testTarget } from '../target/support.ts'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const asking = `
import { scenario, user } from 'loadcell'
export default scenario({
  target: { 'llm.enabled': true, 'llm.stepBase': '1ms' },
  llm: { goodput: { ttft: '30s', tpot: '1s' } },
  warmup: 0,
  load: { executor: 'per-vu-iterations', vus: 2, iterations: 2 },
  users: [user('asker', { iterate: ({ llm }) => llm.chat({ model: 'loadcell-1', messages: 'Hello', maxTokens: 10 }) })],
  thresholds: { llm_goodput: ['rate==1'], llm_completion_tokens: ['count==40'] },
})
`

describe('a run that asks language models', () => {
  it('shows tokens, times and goodput in its summary, page and result, and agrees with the ledger', async () => {
    const out = scratchFolder()
    const { code, output } = await loadcell(['run', writeScenario(asking), '--out', out])
    expect({ code, output }).toEqual({ code: 0, output })
    expect(output).toMatch(/^models +28 tokens in, 40 out · [\d.]+ a second out$/m)
    expect(output).toMatch(/^ +ttft +p50 .* from when due$/m)
    expect(output).toMatch(/^ +goodput +100 % · 4 of 4 answers met the objective$/m)
    expect(output).toMatch(/harness and ledger agree on all \d+ counts/)
    expect(readResult(out).llm).toMatchObject({ requests: 4, completionTokens: 40, goodput: { good: 4, judged: 4 } })
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('id="language-models"')
  })

  it('refuses an objective that makes no sense', async () => {
    const scenario = writeScenario(asking.replace("ttft: '30s', tpot: '1s'", "ttft: 'soon', tpt: 3"))
    const { code, output } = await loadcell(['run', scenario])
    expect(code).toBe(104)
    expect(output).toMatch(/llm\.goodput\.tpt: there is no such key; did you mean "tpot"/)
    expect(output).toMatch(/llm\.goodput\.ttft: expected a duration/)
  })

  it('refuses a threshold for goodput without an objective, before it asks anything', async () => {
    const scenario = writeScenario(asking.replace(/^ *llm: .*\n/m, ''))
    const { code, output } = await loadcell(['run', scenario, '--threshold', 'llm_goodput{name:x} rate>0.5'])
    expect(code).toBe(104)
    expect(output).toMatch(
      /thresholds\.llm_goodput: there is no objective to hold answers against: give llm: \{ goodput/,
    )
    expect(output).toMatch(/--threshold.*: there is no objective/)
  })
})

describe('loadcell ledger', () => {
  it('prints the answers of language models with their tokens and times', async () => {
    const target = await testTarget({ 'llm.enabled': 'true', 'llm.stepBase': '1ms' })
    const body = JSON.stringify({ model: 'loadcell-1', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 10 })
    const headers = { 'content-type': 'application/json' }
    await fetch(`${target.url}/v1/chat/completions`, { method: 'POST', headers, body })
    await target.settledLedger()
    const { code, output } = await loadcell(['ledger', '--url', target.url])
    expect({ code, output }).toEqual({ code: 0, output })
    expect(output).toMatch(/^completed +1 +7 +10$/m)
    expect(output).toMatch(/^to the first token( +[<\d.]+ ms){3}$/m)
  })
})
