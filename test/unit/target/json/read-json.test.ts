import { describe, expect, it } from 'vitest'
import { readJsonWithItems } from '../../../../target/json/items.ts'
import { membersOf, memberText, onOneLine, withoutMembers } from '../../../../target/json/members.ts'
import { JsonError, readJson } from '../../../../target/json/read-json.ts'

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

function codeOf(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof JsonError) return error.code
    throw error
  }
}

describe('readJson', () => {
  it('accepts as many levels as allowed, and no more', () => {
    expect(codeOf(() => readJson(nested(8), 8))).toBeUndefined()
    expect(codeOf(() => readJson(nested(9), 8))).toBe('json_too_deep')
    expect(codeOf(() => readJson(`{"a":${nested(8)}}`, 8))).toBe('json_too_deep')
  })

  it('ignores brackets in strings, whatever the escapes', () => {
    for (const text of ['[[[[[[[[[', '\\', '\\"[[[[[[[[[[', '"', ']]]]']) {
      expect(readJson(JSON.stringify([text, text]), 8)).toEqual([text, text])
    }
  })

  it('refuses deep text before parsing it, complete or not', () => {
    expect(codeOf(() => readJson('['.repeat(1_048_576), 256))).toBe('json_too_deep')
    expect(codeOf(() => readJson(nested(524_288), 256))).toBe('json_too_deep')
  })

  it('refuses keys that would change a prototype, with escapes and at any level', () => {
    for (const text of [
      '{"__proto__":1}',
      '[{"a":{"\\u005f_proto__":1}}]',
      '{"constructor":{"prototype":1}}',
      '{"\\u0063onstructor":{"\\u0070rototype":1}}',
    ]) {
      expect(
        codeOf(() => readJson(text, 8)),
        text,
      ).toBe('malformed_json')
    }
    expect(readJson('{"constructor":"prototype","proto":"__proto__"}', 8)).toEqual({
      constructor: 'prototype',
      proto: '__proto__',
    })
  })
})

describe('readJsonWithItems', () => {
  const read = (text: string) => readJsonWithItems(text, 'events', 8)
  const textsOf = (text: string) => read(text).items.map(item => item.text)

  it('returns each item as it was written', () => {
    const items = ['{"a":9007199254740993}', '1e400', '"x,]"', '[1 , 2]', 'null', '{"a":1,"a":2}']
    expect(textsOf(`{"stream":"s","events":[ ${items.join(' ,\n')} ],"more":[1,2]}`)).toEqual(items)
    expect(textsOf('{"events":[]}')).toEqual([])
    expect(textsOf('{"events":1}')).toEqual([])
    expect(textsOf('{"more":{"events":[1]}}')).toEqual([])
  })

  it('takes the last of several lists, and a name with escapes', () => {
    expect(textsOf('{"events":[1],"events":[2,3]}')).toEqual(['2', '3'])
    expect(textsOf('{"events":[1],"events":null}')).toEqual([])
    expect(textsOf('{"\\u0065vents":[1]}')).toEqual(['1'])
  })

  it('refuses an item that is too deep, and keeps the others', () => {
    const { value, items } = read(`{"events":[1,${nested(8)},${nested(9)},4]}`)
    expect(value).toEqual({ events: [1, JSON.parse(nested(8)), null, 4] })
    expect(items.map(({ error }) => error?.code)).toEqual([undefined, undefined, 'json_too_deep', undefined])
  })

  it('refuses the whole text if the rest of the object is too deep, or a deep item does not end', () => {
    for (const text of [`{"a":${nested(9)},"events":[]}`, nested(9), `{"events":[${'['.repeat(1_000_000)}`]) {
      expect(codeOf(() => read(text))).toBe('json_too_deep')
    }
  })

  it('refuses invalid JSON, also inside an item that is too deep', () => {
    for (const text of ['{"events":[1,,2]}', `{"events":[${'['.repeat(9)}}${']'.repeat(8)}]}`, '{"events":[1}', '']) {
      expect(
        codeOf(() => read(text)),
        text,
      ).toBe('malformed_json')
    }
  })

  it('refuses only the item that would change a prototype', () => {
    const { items } = read('{"events":[{"a":1},{"__proto__":{}}]}')
    expect(items.map(({ error }) => error?.code)).toEqual([undefined, 'malformed_json'])
    expect(codeOf(() => read('{"__proto__":{},"events":[1]}'))).toBe('malformed_json')
  })
})

describe('the members of an object', () => {
  const text = '{ "a" : [1, {"b":2}] , "c\\u0064":"}\\",","a":1.50 }'

  it('are found at their offsets', () => {
    expect(membersOf(text).map(({ name, valueAt, end }) => [name, text.slice(valueAt, end)])).toEqual([
      ['a', '[1, {"b":2}]'],
      ['cd', '"}\\","'],
      ['a', '1.50'],
    ])
    expect(membersOf('{}')).toEqual([])
  })

  it('have the value of the last one of a name, as in JSON.parse', () => {
    expect(memberText(text, 'a')).toBe('1.50')
    expect(memberText(text, 'b')).toBeUndefined()
  })

  it('can be removed by name', () => {
    expect(withoutMembers(text, ['a'])).toBe('{"c\\u0064":"}\\","}')
    expect(withoutMembers(text, ['a', 'cd'])).toBe('{}')
  })

  it('can be joined on one line', () => {
    expect(onOneLine('{\r\n  "a": 1.0,\n\n\t"b": "\\n"\n}\n')).toBe('{"a": 1.0,"b": "\\n"}')
  })
})
