import { describe, expect, it } from 'vitest'
import { Concealment } from '../../../../../harness/run/once/concealment.ts'

const concealing = (secrets: string[] = []) => new Concealment({ shown: false, secrets })

describe('Concealment', () => {
  it.each([
    ['authorization', 'Bearer abc.def.ghi', 'Bearer ***'],
    ['authorization', 'Basic dXNlcjpwYXNz', 'Basic ***'],
    ['x-api-key', 'k-123456', '***'],
    ['cookie', 'sid=abcdef; theme=dark1234', 'sid=***; theme=***'],
    ['set-cookie', 'sid=abcdef; Path=/; HttpOnly', 'sid=***; Path=/; HttpOnly'],
    ['x-csrf-token', 'abcdefgh', '***'],
    ['content-type', 'application/json', 'application/json'],
    ['etag', '"abc"', '"abc"'],
    ['location', '/done?token=abcdefgh', '/done?token=***'],
  ])('shows the header %s: %s as %s', (name, value, shown) => {
    expect(concealing().header(name, value)).toBe(shown)
  })

  it.each([
    ['http://user:secret@host/a?b=1', 'http://***@host/a?b=1'],
    ['http://host/ws?token=abcdef&room=1', 'http://host/ws?token=***&room=1'],
    ['http://host/a?q=%20x&password=', 'http://host/a?q=%20x&password='],
  ])('shows the address %s as %s', (url, shown) => {
    expect(concealing().url(url)).toBe(shown)
  })

  it('conceals the passwords of a form', () => {
    expect(concealing().form('email=a%40b.c&password=hunter2&remember=on')).toBe(
      'email=a%40b.c&password=***&remember=on',
    )
  })

  it('conceals secrets in JSON at any depth, but not counts and kinds', () => {
    const value = {
      user: { email: 'a@b.c', password: 'hunter2' },
      access_token: 'abcdefgh',
      token_type: 'Bearer',
      expires_in: 3600,
      total_tokens: 12,
      pin: 1234,
      credentials: { id: 'x', more: ['y'] },
      ok: true,
      none: null,
      code: 'invalid_credentials',
    }
    expect(concealing().json(value)).toEqual({
      user: { email: 'a@b.c', password: '***' },
      access_token: '***',
      token_type: 'Bearer',
      expires_in: 3600,
      total_tokens: 12,
      pin: '***',
      credentials: { id: '***', more: ['***'] },
      ok: true,
      none: null,
      code: 'invalid_credentials',
    })
  })

  it.each([
    ['<input type="hidden" name="csrf_token" value="a b">', '<input type="hidden" name="csrf_token" value="***">'],
    [`<input value='abc123' name='_csrf'>`, `<input value='***' name='_csrf'>`],
    ['<input name="query" value="shoes">', '<input name="query" value="shoes">'],
    ['token=abcdefgh; x=1', 'token=***; x=1'],
    ['see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'see ***'],
    ['Authorization: Bearer abcdefgh', 'Authorization: Bearer ***'],
    ['a token is a word', 'a token is a word'],
    ['the token endpoint offers Basic credentials', 'the token endpoint offers Basic credentials'],
    ['Bearer error="invalid_token"', 'Bearer error="invalid_token"'],
    ['{"a":"Basic dXNlcjE="}', '{"a":"Basic ***"}'],
  ])('shows the text %s as %s', (text, shown) => {
    expect(concealing().text(text)).toBe(shown)
  })

  it('recognises a secret wherever it stands later', () => {
    const concealment = concealing(['from-a-variable'])
    concealment.json({ access_token: 'opaque-12345' })
    concealment.header('set-cookie', 'sid=s3ss10n; Path=/')
    concealment.text('<input name="csrf" value="t0k/n+1">')
    expect(concealment.text('opaque-12345 s3ss10n t0k/n+1 t0k%2Fn%2B1 from-a-variable')).toBe('*** *** *** *** ***')
    expect(concealment.url('http://host/opaque-12345?x=opaque-12345')).toBe('http://host/***?x=***')
    expect(concealment.json(['say opaque-12345'])).toEqual(['say ***'])
  })

  it('takes no short or common value for a secret elsewhere', () => {
    const concealment = concealing()
    concealment.json({ pin: 'on' })
    expect(concealment.text('it is on')).toBe('it is on')
  })

  it('shows everything if it is asked to', () => {
    const shown = new Concealment({ shown: true, secrets: ['secret'] })
    expect(shown.header('authorization', 'Bearer abc')).toBe('Bearer abc')
    expect(shown.url('http://u:p@host/?token=abcdef')).toBe('http://u:p@host/?token=abcdef')
    expect(shown.form('password=x')).toBe('password=x')
    expect(shown.json({ password: 'x' })).toEqual({ password: 'x' })
    expect(shown.text('secret')).toBe('secret')
  })
})
