import { describe, expect, it } from 'vitest'
import { withoutSecrets } from '../../../core/concealed.ts'

describe('withoutSecrets', () => {
  it.each([
    ['token=abc&page=2', 'token=***&page=2'],
    ['{"otp":"9z","signature":"x/y","id":7}', '{"otp":"***","signature":"***","id":7}'],
    ['Authorization: Bearer abc123def', 'Authorization: Bearer ***'],
    ['X-Api-Key: k1', 'X-Api-Key: ***'],
    ['{"max_tokens":12,"token_type":"mac"}', '{"max_tokens":12,"token_type":"mac"}'],
    ['a bearer of news', 'a bearer of news'],
  ])('conceals what a text shows to be secret: %s', (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown)
  })

  it('shows values that may be part of any sentence if they are to be shown', () => {
    expect(withoutSecrets('secret: yes, token: abcdefgh', 6)).toBe('secret: yes, token: ***')
  })
})
