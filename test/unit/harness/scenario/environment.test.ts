import { describe, expect, it, vi } from 'vitest'
import { environment } from '../../../../harness/scenario/environment.ts'

describe('environment', () => {
  it('returns the value of a variable', () => {
    vi.stubEnv('SHOP_TOKEN', ' a b ')
    expect(environment('SHOP_TOKEN')).toBe(' a b ')
    vi.unstubAllEnvs()
  })

  it.each([undefined, ''])('says which variable is missing, and how to set it: %j', value => {
    vi.stubEnv('SHOP_TOKEN', value)
    expect(() => environment('SHOP_TOKEN')).toThrow(
      'the environment variable SHOP_TOKEN is not set; set it and run again, such as `export SHOP_TOKEN=…`',
    )
    vi.unstubAllEnvs()
  })
})
