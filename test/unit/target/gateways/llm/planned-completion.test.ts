import { describe, expect, it } from 'vitest'
import { random } from '../../../../../core/random.ts'
import type { CompletionRequest } from '../../../../../target/gateways/llm/completion-request.ts'
import { type PlannedChoice, planCompletion } from '../../../../../target/gateways/llm/planned-completion.ts'

const settings = { leastCompletionTokens: 20, mostCompletionTokens: 40, toolCallShare: 0.5, failureRate: 0 }

const asked = (overrides: Partial<CompletionRequest> = {}): CompletionRequest => ({
  model: 'loadcell-1',
  promptTokens: 10,
  mostTokens: undefined,
  choices: 1,
  stops: [],
  functions: [],
  call: 'auto',
  ignoresEnd: false,
  seed: '',
  stream: true,
  includesUsage: true,
  ...overrides,
})

const weather = {
  name: 'weather',
  parameters: {
    type: 'object',
    properties: {
      city: { type: 'string', enum: ['Utrecht', 'Oslo'] },
      days: { type: 'integer', minimum: 3, maximum: 5 },
      deep: { type: 'array', items: { type: 'object', properties: { on: { type: 'boolean' } } } },
    },
  },
}

function choiceOf(request: CompletionRequest, key: string | number = 1): PlannedChoice {
  return planCompletion(request, settings, random(key)).choices[0]!
}

describe('planCompletion', () => {
  it('gives equal answers to equal requests, and others under another key', () => {
    expect(choiceOf(asked(), 'a')).toEqual(choiceOf(asked(), 'a'))
    expect(choiceOf(asked(), 'a').texts).not.toEqual(choiceOf(asked(), 'b').texts)
  })

  it('ends by itself within the bounds of the settings, unless it is cut at its limit', () => {
    for (let key = 0; key < 50; key++) {
      const { texts, finish } = choiceOf(asked(), key)
      expect([finish, texts.length >= 20 && texts.length <= 40], String(texts.length)).toEqual(['stop', true])
      expect(choiceOf(asked({ mostTokens: 7 }), key)).toMatchObject({ finish: 'length', texts: { length: 7 } })
    }
  })

  it('goes on to its limit if the end is ignored', () => {
    expect(choiceOf(asked({ mostTokens: 100, ignoresEnd: true }))).toMatchObject({
      finish: 'length',
      texts: { length: 100 },
    })
  })

  it('draws different choices for one request', () => {
    const { choices } = planCompletion(asked({ choices: 3 }), settings, random(1))
    expect(new Set(choices.map(({ texts }) => texts.join(''))).size).toBe(3)
  })

  it('ends before a stop text, and counts the tokens that it took to come to it', () => {
    const whole = choiceOf(asked()).texts
    const stop = `${whole[4]!.slice(2)}${whole[5]!}`
    const { texts, finish } = choiceOf(asked({ stops: ['never there', stop] }))
    expect(finish).toBe('stop')
    expect(texts).toEqual([...whole.slice(0, 4), whole[4]!.slice(0, 2), ''])
  })

  it('calls a function as the choice says, with arguments that fit its schema', () => {
    const required = choiceOf(asked({ functions: [weather], call: 'required' }))
    expect(required).toMatchObject({ finish: 'tool_calls', call: { name: 'weather' } })
    const passed = JSON.parse(required.texts.join('')) as { city: string; days: number; deep: unknown[] }
    expect(weather.parameters.properties.city.enum).toContain(passed.city)
    expect(passed.days).toBeGreaterThanOrEqual(3)
    expect(passed.days).toBeLessThanOrEqual(5)
    expect(passed.deep).toEqual([{ on: expect.any(Boolean) }])
    expect(choiceOf(asked({ functions: [weather], call: 'none' })).call).toBeUndefined()
    expect(choiceOf(asked({ functions: [weather], call: { name: 'weather' } })).call).toBeDefined()
  })

  it('lets chance decide about a call that is neither forced nor forbidden', () => {
    const calls = Array.from({ length: 400 }, (_, key) => choiceOf(asked({ functions: [weather] }), key).call)
    const share = calls.filter(call => call !== undefined).length / 400
    expect(share).toBeGreaterThan(0.4)
    expect(share).toBeLessThan(0.6)
  })

  it('cuts the arguments of a call at the limit', () => {
    expect(choiceOf(asked({ functions: [weather], call: 'required', mostTokens: 3 }))).toMatchObject({
      finish: 'length',
      texts: { length: 3 },
    })
  })

  it('lets the share of answers fail that the settings ask for, before their last token', () => {
    const failing = { ...settings, failureRate: 0.25 }
    const plans = Array.from({ length: 400 }, (_, key) => planCompletion(asked(), failing, random(key)))
    const failed = plans.filter(({ failsAfter }) => failsAfter !== undefined)
    expect(failed.length).toBeGreaterThan(60)
    expect(failed.length).toBeLessThan(140)
    for (const { failsAfter, choices } of failed) expect(failsAfter).toBeLessThan(choices[0]!.texts.length)
  })

  it('bounds what a schema that refers to itself by depth can make', () => {
    let schema: Record<string, unknown> = { type: 'string' }
    for (let level = 0; level < 50; level++) schema = { type: 'object', properties: { a: schema } }
    const { texts } = choiceOf(asked({ functions: [{ name: 'deep', parameters: schema }], call: 'required' }))
    expect(texts.join('')).toBe('{"a":{"a":{"a":{"a":{"a":{}}}}}}')
  })
})
