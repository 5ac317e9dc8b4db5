import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../../../../core/random.ts'
import { prose } from '../../../../../target/gateways/llm/prose.ts'
import { countTokens, tokensOf } from '../../../../../target/gateways/llm/tokenizer.ts'

describe('tokensOf', () => {
  it.each([
    ['', []],
    ['Hello', ['Hello']],
    ['Hello there', ['Hello', ' there']],
    ['Hello, you.', ['Hello', ',', ' you', '.']],
    ['throughput', ['throug', 'hput']],
    ['a  b ', ['a', ' ', ' b', ' ']],
    ['{"n":12}', ['{', '"', 'n', '"', ':', '12', '}']],
    ['größer', ['größer']],
    ['東京', ['東', '京']],
    ['🎉!', ['🎉', '!']],
  ])('splits %j as documented', (text, tokens) => {
    expect(tokensOf(text)).toEqual(tokens)
  })

  it('loses and counts nothing twice, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const tokens = tokensOf(text)
        expect(tokens.join('')).toBe(text)
        expect(countTokens(text)).toBe(tokens.length)
      }),
      { seed: 7 },
    )
  })
})

describe('prose', () => {
  it('has as many tokens as were asked for, by the rule that counts prompts', () => {
    for (const count of [1, 2, 17, 500]) {
      const texts = prose(count, random(count))
      expect(texts).toHaveLength(count)
      expect(tokensOf(texts.join(''))).toEqual(texts)
    }
  })
})
