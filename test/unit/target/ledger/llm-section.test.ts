import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunMemory } from '../../../../target/ledger/counts.ts'
import { LlmSection } from '../../../../target/ledger/llm-section.ts'
import { MemoryBudget } from '../../../../target/memory/budget.ts'

function opened() {
  const budget = new MemoryBudget()
  return { budget, section: new LlmSection(new RunMemory(budget.table('ledger'))) }
}

describe('LlmSection', () => {
  it('has no account and takes no memory before its first request', () => {
    const { budget, section } = opened()
    expect([section.report(), section.open, budget.usedBytes]).toEqual([{}, 0, 0])
    section.refused()
    expect(section.report().llm).toMatchObject({ requests: 0, refused: 1 })
    expect(budget.usedBytes).toBeGreaterThan(0)
  })

  it('accounts for every request and every token, in whatever order they end', () => {
    const ending = fc.constantFrom('completed', 'failed', 'cut', 'slow')
    const request = fc.record({
      prompt: fc.nat(50),
      generated: fc.nat(30),
      held: fc.nat(30),
      endings: fc.array(ending),
    })
    fc.assert(
      fc.property(fc.array(request), requests => {
        const { section } = opened()
        for (const { prompt, generated, held, endings } of requests) {
          const book = section.admitted(prompt, true, 0)
          for (let count = 0; count < generated; count++) book.generated()
          const sent = Math.max(0, generated - held)
          if (sent > 0) book.sent(sent, 5)
          // Only the first ending counts.
          for (const how of endings) {
            if (how === 'completed') book.completed()
            else if (how === 'failed') book.failed()
            else book.cut(how === 'slow')
          }
        }
        const { llm } = section.report()
        if (llm === undefined) {
          expect(requests).toEqual([])
          return
        }
        const { completed, failed, cut, open, completionTokens } = llm
        expect(completed + failed + cut + open).toBe(requests.length)
        expect(open).toBe(requests.filter(({ endings }) => endings.length === 0).length)
        const waiting = requests
          .filter(({ endings }) => endings.length === 0)
          .reduce((sum, { generated, held }) => sum + Math.min(generated, held), 0)
        expect(completionTokens.generated).toBe(completionTokens.sent + completionTokens.unsent + waiting)
      }),
      { seed: 5 },
    )
  })
})
