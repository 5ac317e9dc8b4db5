import { describe, expect, it } from 'vitest'
import { excerptWithoutSecrets, listed } from '../../../../../harness/client/message/excerpt.ts'

describe('an excerpt of a body', () => {
  it.each([
    ['{"access_token":"abc","id":7}', '{"access_token":"***","id":7}'],
    ['{"password": "hunter2 or so"}', '{"password": "***'],
    ['token=abc&page=2', 'token=***&page=2'],
    ['<input type="hidden" name="x" value="geheim 1">', 'value="***"'],
    ["<meta name='csrf' content='geheim'>", 'content="***"'],
    ['Set-Cookie: session=geheim; Path=/', 'Set-Cookie: ***; Path=/'],
    ['key 4fzzKx82Qmv0PplW91aa', 'key ***'],
  ])('conceals what looks secret: %s', (text, shown) => {
    const excerpt = JSON.parse(excerptWithoutSecrets(text)) as string
    expect(excerpt).toContain(shown)
    expect(excerpt).not.toMatch(/abc|hunter2|geheim|4fzz/)
  })

  it('is short, in one line, and has no part of a secret at its end', () => {
    const excerpt = excerptWithoutSecrets(`<p>\n  Hello</p>${' word'.repeat(20)} "token": "${'secret'.repeat(100)}"`)
    expect(excerpt.length).toBeLessThan(140)
    expect(excerpt).toMatch(/^"<p> Hello<\/p> word/)
    expect(excerpt).not.toContain('secretsecret')
  })

  it('says that a body is empty', () => {
    expect(excerptWithoutSecrets('')).toBe('an empty body')
  })
})

describe('a list of names', () => {
  it('names a few of many, and none', () => {
    expect(listed(['a', 'b'])).toBe('"a", "b"')
    expect(listed([])).toBe('(none)')
    expect(listed(Array.from({ length: 20 }, (_, index) => `name ${index}`))).toMatch(/"name 7" and 12 more$/)
  })
})
