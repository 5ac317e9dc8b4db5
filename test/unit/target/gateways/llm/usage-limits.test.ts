import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../../../../target/exchange/exchange.ts'
import { UsageLimits } from '../../../../../target/gateways/llm/usage-limits.ts'
import { MemoryBudget } from '../../../../../target/memory/budget.ts'

const settings = { requestsPerMinute: 3, tokensPerMinute: 600, callers: 2 }

function limiter(overrides: Partial<typeof settings> = {}) {
  const limits = new UsageLimits(new MemoryBudget())
  const met: string[] = []
  const rateLimits = {
    came: () => {},
    limited: (_caller: string, waits: { rule: string }[]) => void met.push(...waits.map(({ rule }) => rule)),
  }
  const exchange = { account: { rateLimits } } as unknown as Exchange
  return {
    met,
    ask: (tokens: number, now: number, caller = 'client:a') => {
      const headers: Record<string, string> = {}
      const refusal = limits.refusalOf(
        { exchange, caller, tokens },
        { ...settings, ...overrides },
        now,
        (name, value) => {
          headers[name] = value
        },
      )
      return { refusal, headers }
    },
  }
}

describe('UsageLimits', () => {
  it('says nothing without limits', () => {
    const { ask } = limiter({ requestsPerMinute: 0, tokensPerMinute: 0 })
    expect(ask(1e9, 0)).toEqual({ refusal: undefined, headers: {} })
  })

  it('tells the state of both limits in the headers that clients know', () => {
    expect(limiter().ask(200, 0).headers).toEqual({
      'x-ratelimit-limit-requests': '3',
      'x-ratelimit-remaining-requests': '2',
      'x-ratelimit-reset-requests': '20000ms',
      'x-ratelimit-limit-tokens': '600',
      'x-ratelimit-remaining-tokens': '400',
      'x-ratelimit-reset-tokens': '20000ms',
    })
  })

  it('refuses the request beyond a limit, and admits it after the wait that it told', () => {
    const { ask, met } = limiter()
    for (let count = 0; count < 3; count++) expect(ask(1, 0).refusal).toBeUndefined()
    const { refusal } = ask(1, 5000)
    expect(refusal).toMatchObject({ code: 'rate_limited', status: 429 })
    expect(refusal!.extra.headers).toEqual({ 'retry-after': '15', 'retry-after-ms': '15000' })
    expect(met).toEqual(['llm.requestsPerMinute'])
    expect(ask(1, 5000 + 14_999).refusal).toBeDefined()
    expect(ask(1, 5000 + 15_000).refusal).toBeUndefined()
  })

  it('takes nothing of any limit for a request that is refused', () => {
    const { ask } = limiter({ requestsPerMinute: 10 })
    ask(500, 0)
    expect(ask(200, 0).refusal).toBeDefined()
    expect(ask(100, 0).headers['x-ratelimit-remaining-requests']).toBe('8')
  })

  it('admits a request that asks for more than a minute allows when all of it is there', () => {
    const { ask } = limiter({ requestsPerMinute: 0 })
    expect(ask(5000, 0).refusal).toBeUndefined()
    expect(ask(1, 0).refusal).toBeDefined()
  })

  it('keeps callers apart, and forgets the least recent beyond their number', () => {
    const { ask } = limiter({ requestsPerMinute: 1, callers: 1 })
    ask(1, 0, 'client:a')
    expect(ask(1, 0, 'client:b').refusal).toBeUndefined()
    expect(ask(1, 0, 'client:a').refusal).toBeUndefined()
  })
})
