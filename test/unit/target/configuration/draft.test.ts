import { describe, expect, it } from 'vitest'
import { ConfigurationError, loadConfiguration } from '../../../../target/configuration/load.ts'

const rule = { name: 'one', by: 'client', requests: 1 }

function complaint(rules: unknown): string {
  try {
    loadConfiguration({ env: {}, flags: { 'rateLimits.rules': JSON.stringify(rules) } })
    return 'nothing'
  } catch (error) {
    return error instanceof ConfigurationError ? error.message : String(error)
  }
}

describe('rules of rate limits', () => {
  it.each([
    ['an operation', [{ ...rule, operations: ['orders.create', 'health.*'] }]],
    ['two names', [rule, { ...rule, name: 'two', per: '1ms', burst: 5 }]],
  ])('may have %s', (_what, rules) => {
    expect(complaint(rules)).toBe('nothing')
  })

  it.each([
    ['a misspelt operation', [{ ...rule, operations: ['order.create'] }], 'did you mean orders.create?'],
    ['a misspelt group', [rule, { ...rule, name: 'b', operations: ['orders.*', 'task.*'] }], 'did you mean tasks.*?'],
    ['a bare group', [{ ...rule, operations: ['orders'] }], 'did you mean orders.*?'],
    ['everything', [{ ...rule, operations: ['*'] }], 'got "*"'],
    ['what no operation is', [{ ...rule, operations: ['unmatched'] }], 'expected an operation'],
    ['one name twice', [rule, rule], 'rateLimits.rules[1].name: expected a name of its own, got "one" again'],
    ['no time', [{ ...rule, per: 0 }], 'rateLimits.rules[0].per: expected at least 1ms, got 0'],
    ['no requests', [{ ...rule, requests: 0 }], 'rateLimits.rules[0].requests'],
    ['another key', [{ ...rule, limit: 3 }], 'rateLimits.rules[0]'],
  ])('may not have %s', (_what, rules, fault) => {
    expect(complaint(rules)).toContain(fault)
  })
})
