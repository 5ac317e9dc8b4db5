import { describe, expect, it } from 'vitest'
import { Snapshot } from '../../../../../harness/metrics/snapshot.ts'
import { llmReport } from '../../../../../harness/results/llm-report.ts'
import { languageModels } from '../../../../../harness/report/html/llm.ts'
import { llmLines } from '../../../../../harness/report/llm-lines.ts'
import { passedRun } from '../fixture.ts'

function askedRun() {
  const snapshot = new Snapshot()
  const tags = { name: '/v1/<chat>' }
  snapshot.value('llm_requests', tags).total = 2
  snapshot.value('llm_prompt_tokens', tags).total = 1234
  snapshot.value('llm_completion_tokens', tags).total = 300
  for (const ms of [10, 30]) snapshot.value('llm_time_to_first_token', tags).histogram.record(ms)
  const goodput = snapshot.value('llm_goodput', tags)
  goodput.total = 2
  goodput.hits = 1
  return { ...passedRun(), ...llmReport(snapshot, 10_000) }
}

describe('a report of language models', () => {
  it('has tokens, times and goodput in its lines and on its page', () => {
    expect(llmLines(askedRun())).toEqual([
      '1,234 tokens in, 300 out · 30 a second out',
      expect.stringMatching(/^ttft +p50 .*from when due$/),
      'goodput  50.0 % · 1 of 2 answers met the objective',
    ])
    const page = languageModels(askedRun())?.source
    expect(page).toContain('id="language-models"')
    expect(page).toContain('1 of 2 answers met the objective')
    expect(page).not.toContain('<chat>')
  })

  it('has nothing of them for a run without any', () => {
    expect([llmLines(passedRun()), languageModels(passedRun())]).toEqual([[], undefined])
  })
})
