import { describe, expect, expectTypeOf, it } from 'vitest'
import { variables } from '../../../../harness/scenario.ts'
import {
  GivenVariables,
  recordedVariables,
  secretsIn,
  VariableError,
} from '../../../../harness/scenario/given-variables.ts'
import type { VariableDeclaration } from '../../../../harness/scenario/variables.ts'

function given(flags: Record<string, string>, environment: Record<string, string> = {}): GivenVariables {
  const variables = new GivenVariables(environment)
  variables.give(flags)
  return variables
}

/** Returns the message of the error. */
function errorOf(
  declared: Record<string, VariableDeclaration>,
  flags: Record<string, string> = {},
  environment: Record<string, string> = {},
): string {
  try {
    given(flags, environment).declare(declared)
  } catch (error) {
    if (error instanceof VariableError) return error.message
    throw error
  }
  return ''
}

describe('variables', () => {
  it('have the types of their declarations', () => {
    const vars = variables({
      text: 'eu',
      count: 20,
      loud: false,
      choice: ['eu', 'us'],
      sizes: [1, 2],
      key: { default: 'k', secret: true },
      most: { default: 3 },
    })
    expectTypeOf(vars).toEqualTypeOf<{
      readonly text: string
      readonly count: number
      readonly loud: boolean
      readonly choice: 'eu' | 'us'
      readonly sizes: 1 | 2
      readonly key: string
      readonly most: number
    }>()
    expect(vars).toEqual({ text: 'eu', count: 20, loud: false, choice: 'eu', sizes: 1, key: 'k', most: 3 })
  })
})

describe('GivenVariables', () => {
  it('prefers the command line to the environment, and that to the default', () => {
    const environment = { LOADCELL_VAR_a: 'environment', LOADCELL_VAR_b: 'environment' }
    const vars = given({ a: 'flag' }, environment)
    expect(vars.declare({ a: 'default', b: 'default', c: 'default' })).toEqual({
      a: 'flag',
      b: 'environment',
      c: 'default',
    })
    expect(vars.list().map(({ from }) => from)).toEqual(['flag', 'environment', 'default'])
  })

  it('converts each text by its declaration', () => {
    const flags = { count: '1e3', loud: 'true', choice: '2', text: '0x10', empty: '' }
    const declared = { count: 1, loud: false, choice: [1, 2], text: 'a', empty: 'a' } as const
    expect(given(flags).declare(declared)).toEqual({ count: 1000, loud: true, choice: 2, text: '0x10', empty: '' })
  })

  it('returns values that nobody can change', () => {
    expect(Object.isFrozen(given({}).declare({ a: 1 }))).toBe(true)
  })

  it.each([
    ['a number that is none', { n: 1 }, { n: 'abc' }, '--var n: expected a number, got "abc"'],
    ['a number without a digit', { n: 1 }, { n: '' }, '--var n: expected a number, got ""'],
    ['infinity', { n: 1 }, { n: 'Infinity' }, '--var n: expected a number, got "Infinity"'],
    ['a boolean that is none', { b: true }, { b: '1' }, '--var b: expected true or false, got "1"'],
    ['a value outside of a list', { r: ['eu', 'us'] as const }, { r: 'xx' }, '--var r: expected eu or us, got "xx"'],
    ['a value that is missing', { k: { type: 'text' } }, {}, 'k has no default: give --var k=…, or set LOADCELL_VAR_k'],
    ['a default of another type', { k: { type: 'number', default: 'x' } }, {}, 'k.default: expected number, got "x"'],
    [
      'an unknown option',
      { k: { defalt: 1 } as object },
      {},
      'k.defalt: there is no such option; did you mean default?',
    ],
    [
      'a secret that is neither true nor false',
      { k: { secret: 'yes' } as object },
      {},
      'k.secret: expected true or false, got "yes"',
    ],
    [
      'an unknown type',
      { k: { type: 'date' } as object },
      {},
      'k.type: expected text or number or boolean, got "date"',
    ],
    [
      'a list of several types',
      { k: ['a', 1] as const },
      {},
      'k: expected a default, a list of values of one type, or options, got an array of 2',
    ],
    [
      'an empty list',
      { k: [] as unknown as string },
      {},
      'k: expected a default, a list of values of one type, or options, got an array of 0',
    ],
    [
      'a function',
      { k: (() => 1) as unknown as string },
      {},
      'k: expected a default, a list of values of one type, or options, got function',
    ],
    ['a name with a space', { 'a b': 1 }, {}, '"a b": expected a name of letters, digits and _'],
  ] as [string, Record<string, VariableDeclaration>, Record<string, string>, string][])(
    'refuses %s',
    (_name, declared, flags, expected) => {
      expect(errorOf(declared, flags).split('\n')).toContain(expected)
    },
  )

  it('names the variable of the environment whose value does not fit', () => {
    expect(errorOf({ n: 1 }, {}, { LOADCELL_VAR_n: 'x' })).toBe('LOADCELL_VAR_n: expected a number, got "x"')
  })

  it('does not show a secret that does not fit', () => {
    const key = { type: 'number', secret: true } as const
    expect(errorOf({ key }, { key: 'hunter2' })).toBe('--var key: expected a number')
  })

  it('names everything that is wrong at once, with what seems to be misspelt', () => {
    expect(errorOf({ region: { type: 'text' }, n: 1 }, { regoin: 'eu', n: 'x', other: '1' }).split('\n')).toEqual([
      'region has no default: give --var region=…, or set LOADCELL_VAR_region',
      '--var n: expected a number, got "x"',
      '--var regoin: there is no such variable; did you mean "region"?',
    ])
  })

  it('refuses a name that is declared twice, also by another call', () => {
    const vars = given({})
    vars.declare({ a: 1 })
    expect(() => vars.declare({ a: 2 })).toThrow('a is declared a second time')
  })

  it('knows which values belong to no variable, once all are declared', () => {
    const vars = given({ a: '1', regoin: 'eu' }, { LOADCELL_VAR_regio: 'us', LOADCELL_VAR_unrelated: 'x' })
    vars.declare({ a: 1 })
    vars.declare({ region: 'eu' })
    expect(vars.unknown()).toEqual(['--var regoin: there is no such variable; did you mean "region"?'])
    expect(vars.misspelt()).toEqual([
      'LOADCELL_VAR_regio is no variable of this scenario; did you mean LOADCELL_VAR_region?',
    ])
  })

  it('describes its variables without their secrets', () => {
    const vars = given({ key: 'hunter2hunter2', must: '1' })
    vars.declare({ region: ['eu', 'us'], n: 20, key: { default: 'x', secret: true }, must: { type: 'number' } })
    expect(vars.described()).toEqual([
      'region (eu or us, default "eu")',
      'n (number, default 20)',
      'key (text, secret)',
      'must (number, required)',
    ])
    expect(recordedVariables(vars.list())).toEqual({ variables: { region: 'eu', n: 20, key: '***', must: 1 } })
    expect(secretsIn(vars.list())).toEqual(['hunter2hunter2'])
  })

  it('records nothing for a scenario without variables', () => {
    expect(recordedVariables(given({}).list())).toEqual({})
  })
})
