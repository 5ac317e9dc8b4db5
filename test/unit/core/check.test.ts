import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { checker, dottedPath } from '../../../core/check.ts'
import { Configuration } from '../../../target/configuration/configuration.ts'

const Rule = Type.Object(
  {
    share: Type.Number({ minimum: 0, maximum: 1 }),
    count: Type.Optional(Type.Integer({ minimum: 1 })),
    kind: Type.Enum(['a', 'b']),
  },
  { additionalProperties: false },
)
const errorsOf = (value: unknown) =>
  checker(Type.Object({ rules: Type.Array(Rule) }))
    .errors(value)
    .map(({ pointer, detail }) => `${dottedPath(pointer)}: ${detail}`)

describe('checker', () => {
  it('accepts a valid value without errors', () => {
    const value = { rules: [{ share: 0.5, kind: 'a' }] }
    expect(checker(Type.Object({ rules: Type.Array(Rule) })).check(value)).toBe(true)
    expect(errorsOf(value)).toEqual([])
  })

  it('reports the place, the expected value and the actual one', () => {
    const rules = [{ share: 0, kind: 'a' }, { kind: 'b' }, { share: 1.5, count: 0, kind: 'c', other: 1 }]
    expect(errorsOf({ rules }).sort()).toEqual([
      'rules[1].share: expected a value, got nothing',
      'rules[2].count: expected a number >= 1, got 0',
      'rules[2].kind: expected "a" or "b", got "c"',
      'rules[2].other: expected no such key, got "other"',
      'rules[2].share: expected 0…1, got 1.5',
    ])
    expect(errorsOf({ rules: 'none' })).toEqual(['rules: expected an array, got "none"'])
    expect(errorsOf(null)).toEqual([': expected an object, got null'])
  })

  it('describes a union that has its own description by that alone, however many arms it has', () => {
    const Arm = (name: string) => Type.Object({ type: Type.Literal(name), [name]: Type.Number() })
    const shape = Type.Union([Type.Number(), ...['a', 'b', 'c', 'd', 'e'].map(Arm)], { expected: 'a shape' })
    const compiled = checker(Type.Object({ items: Type.Array(Type.Object({ anything: shape, other: Type.Number() })) }))
    const items = [
      { anything: 1, other: 'x' },
      { anything: { type: 'f' }, other: 1 },
    ]
    expect(compiled.errors({ items })).toEqual([
      { pointer: '/items/0/other', detail: 'expected a number, got "x"' },
      { pointer: '/items/1/anything', detail: 'expected a shape, got an object' },
    ])
  })

  it('reports for a union the errors of the arm with the type of the value', () => {
    const Arm = (name: string, keys: Record<string, ReturnType<typeof Type.Number>>) =>
      Type.Object({ type: Type.Literal(name), ...keys }, { additionalProperties: false })
    const Circle = Arm('circle', { radius: Type.Number({ minimum: 0 }) })
    const shape = Type.Union([Circle, Arm('box', { width: Type.Number() }), Arm('box', { side: Type.Number() })])
    const Group = Type.Object({ type: Type.Literal('group'), members: Type.Array(shape) })
    const compiled = checker(Type.Object({ shapes: Type.Array(Type.Union([Type.Number(), shape, Group])) }))
    const shapes = (...shapes: unknown[]) =>
      compiled.errors({ shapes }).map(({ pointer, detail }) => `${dottedPath(pointer)}: ${detail}`)
    expect(shapes(1, { type: 'circle', radius: -1 })).toEqual(['shapes[1].radius: expected a number >= 0, got -1'])
    expect(shapes({ type: 'box', side: 'long' })).toEqual(['shapes[0].side: expected a number, got "long"'])
    expect(shapes({ type: 'group', members: [{ type: 'box', width: 1, high: 2 }] })).toEqual([
      'shapes[0].members[0].high: expected no such key, got "high"',
    ])
  })

  it('uses the description of a schema', () => {
    const errors = checker(Configuration.properties.auth.properties.tokenTtl).errors('soon')
    expect(errors).toEqual([
      {
        pointer: '',
        detail: `expected a duration such as '250ms', '1.5s' or '1h', or a number of milliseconds, got "soon"`,
      },
    ])
  })
})
