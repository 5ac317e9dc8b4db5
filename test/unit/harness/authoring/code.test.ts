import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { docComment, lineComment, requestLabel } from '../../../../harness/authoring/code/comment.ts'
import { Arrow, Expression, quoted, template } from '../../../../harness/authoring/code/expression.ts'
import { callCode, chainCode } from '../../../../harness/authoring/code/layout.ts'
import { Names } from '../../../../harness/authoring/code/names.ts'
import { formatErrors } from '../../../support/format-errors.ts'

/** Evaluates an expression as JavaScript. */
const evaluated = (source: string): unknown => runInNewContext(`(${source})`)

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom("'", '"', '`', '\\', '$', '{', '\n', '\u2028', '*', '/') }),
)

describe('quoted', () => {
  it('writes any text as a literal of that text, on one line', () => {
    fc.assert(
      fc.property(anyText, text => {
        const literal = quoted(text)
        expect(evaluated(literal)).toBe(text)
        expect(literal).not.toMatch(/[\n\r\u2028\u2029]/)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('takes the quotes that need fewer escapes', () => {
    expect([quoted("it's"), quoted('"a"'), quoted(`'"`)]).toEqual([`"it's"`, `'"a"'`, `'\\'"'`])
  })
})

describe('template', () => {
  it('writes any text around constants as it is', () => {
    fc.assert(
      fc.property(anyText, anyText, (before, after) => {
        expect(evaluated(template([before, new Expression('1 + 1'), after]).source)).toBe(`${before}2${after}`)
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

describe('callCode', () => {
  const field = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b ', "'", '-') }),
    fc.string({ minLength: 30, maxLength: 110, unit: fc.constantFrom('a', 'b', ' ') }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(new Expression('token')),
    fc.constant(new Expression('`/orders/${id}`')),
    fc.constant(new Arrow('({ status })', 'status === 200')),
  )
  const { value } = fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { maxDepth: 3 },
      field,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.integer(), { minLength: 10, maxLength: 60 }),
      fc.dictionary(
        fc.constantFrom('a', 'id', 'name', 'product_id', 'x-y', 'a longer key than others', '1'),
        tie('value'),
        { maxKeys: 5 },
      ),
    ),
  }))

  it('lays out any arguments as the formatter does', () => {
    const options = fc.dictionary(fc.constantFrom('json', 'query', 'headers', 'name'), value, {
      minKeys: 1,
      maxKeys: 3,
    })
    const samples = fc.sample(fc.tuple(fc.string({ unit: fc.constantFrom('a', '/'), maxLength: 90 }), options), {
      seed: 7,
      numRuns: 400,
    })
    const calls = samples.map(([path, given]) => `  ${callCode('await http.post', [path, given], 2)}`)
    const text = `async function all() {\n${calls.join('\n')}\n}\n`
    expect(formatErrors([['calls.ts', text]])).toBe('')
  })

  it('leaves out a field whose name would set the prototype', () => {
    const given = JSON.parse('{"json":{"__proto__":{"admin":true},"a":1}}') as object
    expect(callCode('f', [given], 0)).toBe('f({ json: { a: 1 } })')
  })
})

describe('chainCode', () => {
  it('lays out any conditions as the formatter does', () => {
    const one = fc
      .string({ minLength: 3, maxLength: 60, unit: 'grapheme-ascii' })
      .map(text => `is_${text.replaceAll(/\W/g, 'x')}(value)`)
    const operand = fc.oneof(one, fc.array(one, { minLength: 2, maxLength: 3 }))
    const samples = fc.sample(fc.array(operand, { minLength: 1, maxLength: 6 }), { seed: 7, numRuns: 200 })
    const text = samples
      .map(operands => `function check(value) {\n  ${chainCode('return', operands, 2)}\n}\n`)
      .join('\n')
    expect(formatErrors([['chains.ts', text]])).toBe('')
  })
})

describe('comments', () => {
  it('cannot be left by any text', () => {
    fc.assert(
      fc.property(anyText, text => {
        const lines = [...docComment([text, `${text} */ throw 1`], 0), ...lineComment(`${text}\nthrow 1`, 0)].join('\n')
        expect(evaluated(`0\n${lines}\n`)).toBe(0)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('keep within the width of a line', () => {
    const lines = docComment(['word '.repeat(100), 'another '.repeat(50)], 4)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120)
    expect(lines[0]).toBe('    /**')
  })
})

describe('requestLabel', () => {
  it('keeps the end of a long path, where paths differ', () => {
    expect(requestLabel('GET', '/orders/{id}')).toBe('GET /orders/{id}')
    const label = requestLabel('DELETE', `/${'a'.repeat(100)}/items/{id}`)
    expect(label).toMatch(/^DELETE …a+\/items\/\{id\}$/)
    expect(label).toHaveLength(56)
  })
})

describe('names', () => {
  it('are never words of the language, and never used twice', () => {
    const names = new Names()
    expect([names.claim('class'), names.claim('order'), names.claim('order'), names.within().claim('order')]).toEqual([
      'class2',
      'order',
      'order2',
      'order3',
    ])
  })
})
