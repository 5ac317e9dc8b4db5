import { describe, expect, it } from 'vitest'
import { Expression } from '../../../../harness/authoring/code/expression.ts'
import { Names } from '../../../../harness/authoring/code/names.ts'
import { EnvironmentNames } from '../../../../harness/authoring/secrets/environment-names.ts'
import { KnownSecrets } from '../../../../harness/authoring/secrets/known-secrets.ts'
import { Redaction } from '../../../../harness/authoring/secrets/redaction.ts'
import { hasEmail, looksSecret } from '../../../../harness/authoring/secrets/secret-text.ts'

describe('looksSecret', () => {
  it.each([
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
    'Bearer abcdef123',
    'Basic YWxpY2U6aHVudGVyMg==',
    'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    'xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy',
    'AKIAIOSFODNN7EXAMPLE',
    'AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe',
    '-----BEGIN RSA PRIVATE KEY-----',
    'https://alice:hunter2@example.com/',
    '4111 1111 1111 1111',
    '4111111111111111',
    'DE89 3704 0044 0532 0130 00',
    'd41d8cd98f00b204e9800998ecf8427e',
    'dGhpcyBpcyBhIHNlY3JldCB2YWx1ZQ1',
    'mutation { login(password: "hunter2") { ok } }',
    '/callback?access_token=abc123',
    '{"password":"hunter2"}',
    '<password>hunter2</password>',
  ])('finds %s', text => expect(looksSecret(text)).toBe(true))

  it.each([
    'Water the plants',
    'order.created',
    '2026-01-31T12:00:00.000Z',
    '1760000000000',
    '5017',
    '00000000-0000-4000-8000-000000000000',
    'wireless-noise-cancelling-headphones-2000',
    'application/vnd.company.order+json',
    'https://example.com/products/17?sort=price',
    'createdAtDescendingThenByNameOfTheCustomer',
    'query { products(first: 10) { id name price } }',
    'Mozilla/5.0 (X11; Linux x86_64)',
    '+49 30 1234567',
    'page-1-of-22-newest-first-all',
  ])('leaves %s', text => expect(looksSecret(text)).toBe(false))
})

describe('hasEmail', () => {
  it('finds addresses, encoded or not', () => {
    expect(['to alice@corp.com', 'alice%40corp.com', 'a@b', '@corp'].map(hasEmail)).toEqual([true, true, false, false])
  })
})

describe('KnownSecrets', () => {
  it('finds a secret in any encoding, alone or within a text', () => {
    const secrets = new KnownSecrets()
    secrets.add('p@ss word/1')
    expect(['p%40ss%20word%2F1', 'p%40ss+word%2F1', 'x=p@ss word/1;', 'word'].map(text => secrets.isIn(text))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  it('finds a short secret only where it is the whole value, and takes no words such as true', () => {
    const secrets = new KnownSecrets()
    for (const value of ['test', 'true', 'ab', null, 4711]) secrets.add(value)
    expect(['test', 'latest', 'true', 'ab', '4711'].map(text => secrets.isIn(text))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ])
  })
})

describe('Redaction', () => {
  const redaction = (secrets = new KnownSecrets()) => {
    const environment = new EnvironmentNames('shop', new Names())
    return { environment, redaction: new Redaction(environment, secrets) }
  }

  it('replaces secrets at any depth by constants, and leaves the rest', () => {
    const { environment, redaction: redacts } = redaction()
    const body = {
      name: 'Desk',
      login: { email: 'a@corp.com', password: 'hunter2' },
      auth: { user: 'alice', list: ['one'] },
      settings: [{ name: 'api_key', value: 'abc' }],
      pin: 1234,
      token: null,
      max_tokens: 500,
    }
    const written = redacts.value('body', body, 'the body') as typeof body
    expect(written).toMatchObject({ name: 'Desk', token: null, max_tokens: 500, settings: [{ name: 'api_key' }] })
    expect([
      written.login.email,
      written.login.password,
      written.auth.user,
      written.auth.list[0],
      written.settings[0]!.value,
      written.pin,
    ]).toEqual(['email', 'password', 'user2', 'list', 'apiKey', 'Number(pin)'].map(source => new Expression(source)))
    expect(environment.constants().map(({ variable }) => variable)).toEqual([
      'SHOP_EMAIL',
      'SHOP_PASSWORD',
      'SHOP_USER2',
      'SHOP_LIST',
      'SHOP_API_KEY',
      'SHOP_PIN',
    ])
    expect(JSON.stringify(environment.constants())).not.toMatch(/hunter2|alice|1234|abc|one/)
  })

  it('leaves out fields whose names are secrets, and everything that is too deep', () => {
    const { redaction: redacts } = redaction()
    expect(redacts.value('body', { 'a@corp.com': 1, sk_live_4eC39HqLyjWDarjtT1zdp7dc: 2, b: 3 }, 'x')).toEqual({ b: 3 })
    let deep: unknown = 'hunter2'
    for (let depth = 0; depth < 10_000; depth++) deep = [deep]
    expect(JSON.stringify(redacts.value('body', deep, 'x'))).not.toContain('hunter2')
  })

  it('replaces addresses of people, but none of documents, and counts them', () => {
    const { redaction: redacts } = redaction()
    expect(redacts.value('note', 'ask bob@corp.com or todd@example.com', 'x')).toBe(
      'ask someone@example.com or todd@example.com',
    )
    expect(redacts.emails).toBe(1)
  })

  it('replaces a long text without words by one of the same length', () => {
    const { redaction: redacts } = redaction()
    expect(redacts.value('file', 'a'.repeat(5000), 'x')).toEqual(new Expression("'x'.repeat(5000)"))
    expect(redacts.value('text', 'words '.repeat(100), 'x')).toBe('words '.repeat(100))
  })

  it('finds a secret under a harmless name, if it stood under a telling one elsewhere', () => {
    const secrets = new KnownSecrets()
    secrets.add('Tr0ub4dor')
    const { redaction: redacts } = redaction(secrets)
    expect(redacts.value('search', 'is Tr0ub4dor good?', 'x')).toEqual(new Expression('search'))
  })

  it('has one constant for one secret, and another for another of the same name', () => {
    const { redaction: redacts } = redaction()
    const sources = ['a1', 'a1', 'b2'].map(text => (redacts.value('password', text, 'x') as Expression).source)
    expect(sources).toEqual(['password', 'password', 'password2'])
  })
})

describe('EnvironmentNames', () => {
  it.each([
    ['shop', 'SHOP_TOKEN'],
    ['openapi', 'API_TOKEN'],
    ['127', 'API_127_TOKEN'],
  ])('puts the name of the source before a variable: %s', (source, variable) => {
    const names = new EnvironmentNames(source, new Names())
    names.of('token', 'It is secret.')
    expect(names.constants()).toEqual([{ constant: 'token', variable, meaning: 'It is secret.' }])
  })
})
