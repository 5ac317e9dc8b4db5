import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BatchEntry,
  BatchModel,
  type ModelRequest,
  type BatchSettings,
} from '../../../../../target/gateways/llm/batch-model.ts'

const settings: BatchSettings = {
  prefillMsPerToken: 0.5,
  stepBaseMs: 8,
  stepMsPerSequence: 0.25,
  stepTokens: 2048,
  maxBatch: 32,
  kvTokens: 100_000,
  queue: 1000,
}

type Arriving = ModelRequest & { at: number }

/** When each request got each of its tokens: `${request}.${sequence}` to times. */
type Times = Map<string, number[]>

/** Runs the model by its own clock, with requests that come at their times. */
function simulate(overrides: Partial<BatchSettings>, requests: readonly Arriving[]): { times: Times; refused: number } {
  const model = new BatchModel({ ...settings, ...overrides })
  const names = new Map<BatchEntry, number>()
  const times: Times = new Map()
  let refused = 0
  const coming = requests.map((request, index) => ({ request, index }))
  const arriveUntil = (until: number) => {
    while (coming[0] !== undefined && coming[0].request.at <= until) {
      const { request, index } = coming.shift()!
      if (model.refusalOf(request) !== undefined) {
        refused += 1
        continue
      }
      const entry = new BatchEntry(request, request.at)
      names.set(entry, index)
      model.enqueue(entry)
    }
  }
  for (let now = 0; ; ) {
    arriveUntil(now)
    const endsAt = model.begin(now)
    if (endsAt === undefined) {
      if (coming[0] === undefined) return { times, refused }
      now = coming[0].request.at
      continue
    }
    arriveUntil(endsAt)
    now = endsAt
    model.end(
      (entry, sequence) => {
        const name = `${names.get(entry)}.${sequence}`
        times.set(name, [...(times.get(name) ?? []), now])
      },
      () => {},
    )
  }
}

/** Does the same without any of the model's code: it looks at every request in every step. */
function naively(overrides: Partial<BatchSettings>, requests: readonly Arriving[]): Times {
  const { prefillMsPerToken, stepBaseMs, stepMsPerSequence, stepTokens, maxBatch, kvTokens } = {
    ...settings,
    ...overrides,
  }
  const times: Times = new Map()
  const states = requests.map(request => ({
    ...request,
    in: false,
    out: false,
    unread: request.promptTokens,
    given: 0,
  }))
  let now = 0
  while (states.some(state => !state.out)) {
    const inside = () => states.filter(state => state.in && !state.out)
    if (inside().length === 0) now = Math.max(now, Math.min(...states.filter(({ out }) => !out).map(({ at }) => at)))
    for (const state of states) {
      if (state.in) continue
      const sequences = inside().reduce((sum, { outputTokens }) => sum + outputTokens.length, 0)
      const used = inside().reduce((sum, { reservedTokens }) => sum + reservedTokens, 0)
      if (state.at > now || sequences + state.outputTokens.length > maxBatch) break
      if (used + state.reservedTokens > kvTokens) break
      state.in = true
    }
    const liveOf = (state: (typeof states)[number]) => state.outputTokens.filter(tokens => tokens > state.given).length
    const decoding = inside().filter(({ unread }) => unread === 0)
    let served = decoding.reduce((sum, state) => sum + liveOf(state), 0)
    let room = Math.max(1, stepTokens - served)
    let read = 0
    const getting = [...decoding]
    for (const state of inside().filter(({ unread }) => unread > 0)) {
      const chunk = Math.min(room, state.unread)
      state.unread -= chunk
      room -= chunk
      read += chunk
      if (state.unread > 0) continue
      getting.push(state)
      served += liveOf(state)
    }
    now += stepBaseMs + stepMsPerSequence * served + prefillMsPerToken * read
    for (const state of getting) {
      state.outputTokens.forEach((tokens, sequence) => {
        const name = `${states.indexOf(state)}.${sequence}`
        if (tokens > state.given) times.set(name, [...(times.get(name) ?? []), now])
      })
      state.given += 1
      state.out = liveOf(state) === 0
    }
  }
  return times
}

const one = (promptTokens: number, tokens: number, at = 0): Arriving => ({
  at,
  promptTokens,
  outputTokens: [tokens],
  reservedTokens: promptTokens + tokens,
})

describe('BatchModel', () => {
  it('gives the first token of a lone request after the prefill and one step, and the others a step apart', () => {
    const { times } = simulate({}, [one(100, 3)])
    const step = 8 + 0.25
    expect(times.get('0.0')).toEqual([100 * 0.5 + step, 100 * 0.5 + 2 * step, 100 * 0.5 + 3 * step])
  })

  it('reads a prompt that is longer than a step in several steps', () => {
    const { times } = simulate({ stepTokens: 40 }, [one(100, 1)])
    expect(times.get('0.0')).toEqual([3 * 8 + 0.25 + 100 * 0.5])
  })

  it('delays the tokens of others while it reads a long prompt, but never stops them', () => {
    const { times } = simulate({ stepTokens: 101 }, [one(1, 30), one(300, 1, 1)])
    const gaps = times.get('0.0')!.map((at, index, all) => at - (all[index - 1] ?? 0))
    expect(gaps.filter(gap => gap > 50)).toHaveLength(3)
    // In the last of these steps, the new request gets its first token as well.
    expect(Math.max(...gaps)).toBeCloseTo(8 + 2 * 0.25 + 100 * 0.5, 9)
  })

  it.each([1, 4, 16, 32])('reaches the throughput of theory with a batch of %i', maxBatch => {
    const requests = Array.from({ length: maxBatch * 8 }, () => one(1, 50))
    const { times } = simulate({ maxBatch, prefillMsPerToken: 0 }, requests)
    const lastMs = Math.max(...[...times.values()].flat())
    const perSecond = (1000 * requests.length * 50) / lastMs
    expect(perSecond / ((1000 * maxBatch) / (8 + 0.25 * maxBatch))).toBeCloseTo(1, 9)
  })

  it('admits exactly as many requests as the cache holds', () => {
    const model = new BatchModel({ ...settings, kvTokens: 300 })
    for (let count = 0; count < 5; count++) model.enqueue(new BatchEntry(one(50, 50), 0))
    model.begin(0)
    expect([model.sequences, model.queued, model.usedTokens]).toEqual([3, 2, 300])
  })

  it('lets no request overtake one that does not fit', () => {
    const big = { ...one(10, 10), reservedTokens: 250 }
    const { times } = simulate({ kvTokens: 300 }, [one(50, 50), big, one(10, 10)])
    const firstOf = (name: string) => times.get(name)![0]!
    expect(firstOf('2.0')).toBeGreaterThanOrEqual(firstOf('1.0'))
    expect(firstOf('1.0')).toBeGreaterThan(times.get('0.0')!.at(-1)!)
  })

  it('refuses a request beyond the queue, and one that can never fit', () => {
    const model = new BatchModel({ ...settings, maxBatch: 1, queue: 1 })
    const refusals = [1, 2, 3, 4].map(() => {
      const refusal = model.refusalOf(one(1, 1))
      if (refusal === undefined) model.enqueue(new BatchEntry(one(1, 1), 0))
      return refusal
    })
    // One has the place in the batch, one waits.
    expect(refusals).toEqual([undefined, undefined, 'full', 'full'])
    expect(model.refusalOf({ ...one(1, 1), reservedTokens: 100_001 })).toBe('too_large')
    expect(model.refusalOf({ ...one(1, 1), outputTokens: [1, 1] })).toBe('too_large')
  })

  it('frees the place of a request that is removed, queued or running', () => {
    const model = new BatchModel({ ...settings, maxBatch: 1 })
    const [running, queued, last] = [1, 2, 3].map(() => new BatchEntry(one(10, 10), 0))
    for (const entry of [running!, queued!, last!]) model.enqueue(entry)
    model.begin(0)
    model.remove(queued!)
    model.remove(running!)
    model.end(
      () => expect.unreachable('nobody gets a token'),
      () => {},
    )
    model.begin(10)
    expect([model.sequences, model.queued, last!.state]).toEqual([1, 0, 'running'])
  })

  it('agrees with a naive simulation for any requests and limits', () => {
    const request = fc.record({
      gap: fc.integer({ min: 0, max: 60 }),
      promptTokens: fc.integer({ min: 1, max: 120 }),
      outputTokens: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 }),
      spare: fc.integer({ min: 0, max: 30 }),
    })
    const limits = fc.record({
      stepTokens: fc.integer({ min: 1, max: 100 }),
      maxBatch: fc.integer({ min: 3, max: 8 }),
      kvTokens: fc.integer({ min: 200, max: 600 }),
    })
    fc.assert(
      fc.property(fc.array(request, { maxLength: 12 }), limits, (drawn, overrides) => {
        let at = 0
        const requests = drawn.map(({ gap, spare, ...size }) => ({
          ...size,
          at: (at += gap),
          reservedTokens: size.promptTokens + size.outputTokens.reduce((sum, tokens) => sum + tokens, 0) + spare,
        }))
        const { times } = simulate(overrides, requests)
        const expected = naively(overrides, requests)
        expect([...times.keys()].sort()).toEqual([...expected.keys()].sort())
        for (const [name, ats] of expected) {
          expect(times.get(name)!.length, name).toBe(ats.length)
          ats.forEach((when, index) => expect(times.get(name)![index], name).toBeCloseTo(when, 6))
        }
      }),
      { seed: 20_26, numRuns: 300 },
    )
  })
})
