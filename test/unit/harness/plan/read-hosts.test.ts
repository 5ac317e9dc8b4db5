import { expect, test } from 'vitest'
import { Inspector } from '../../../../harness/plan/inspector.ts'
import { createPlan } from '../../../../harness/plan/plan.ts'
import { readHosts } from '../../../../harness/plan/read-hosts.ts'

function read(value: unknown, given: Record<string, string> = {}) {
  const inspector = new Inspector()
  return { hosts: readHosts(inspector, 'hosts', value, given), errors: inspector.errors }
}

test('reads URLs, options and the command line', () => {
  const { hosts, errors } = read(
    { api: 'https://api.example.test/v1', auth: { url: 'https://auth.example.test', token: true, identify: true } },
    { api: 'http://127.0.0.1:4000' },
  )
  expect(errors).toEqual([])
  expect(hosts).toEqual([
    {
      name: 'api',
      url: 'http://127.0.0.1:4000',
      writtenUrl: 'https://api.example.test/v1',
      token: false,
      identify: false,
    },
    { name: 'auth', url: 'https://auth.example.test', token: true, identify: true },
  ])
})

test.each([
  [['https://a.test'], {}, 'hosts: expected an object, got an array'],
  [
    { api: 5 },
    {},
    "hosts.api: expected the URL of a server such as 'https://api.example.test', or { url, token, identify }, got 5",
  ],
  [
    { api: 'api.example.test' },
    {},
    'hosts.api: expected the URL of a target such as http://127.0.0.1:8080, got "api.example.test"',
  ],
  [{ api: 'ftp://api.example.test' }, {}, 'hosts.api: expected the URL'],
  [
    { api: 'https://u:s3cret/x@api.test' },
    {},
    'hosts.api: expected the URL of a target such as http://127.0.0.1:8080, got "https://***@api.test"',
  ],
  [{ https: 'https://a.test' }, {}, 'that is no scheme of a URL, got "https"'],
  [{ 'my api': 'https://a.test' }, {}, 'hosts["my api"]: expected a name of letters, digits, - and _'],
  [
    { api: { url: 'https://a.test', tokens: true } },
    {},
    'hosts.api.tokens: there is no such key; did you mean "token"?',
  ],
  [{ api: { url: 'https://a.test', token: 'yes' } }, {}, 'hosts.api.token: expected true or false'],
  [
    { api: 'https://a.test/x', other: 'https://a.test:443/x/' },
    {},
    'hosts.other: it is the same server as hosts.api, https://a.test/x; declare it once',
  ],
  [
    { api: 'https://a.test' },
    { apj: 'http://b.test' },
    '--host: the scenario declares no host "apj" in hosts; did you mean "api"?',
  ],
  [undefined, { api: 'http://b.test' }, '--host: the scenario declares no host "api" in hosts; it declares none'],
  [{ api: 'https://a.test' }, { api: 'nowhere' }, '--host api: expected the URL'],
])('%j with %j is an error at its place', (value, given, error) => {
  const { errors } = read(value, given)
  expect(errors).toEqual([expect.stringContaining(error)])
  expect(errors.join('')).not.toContain('s3cret')
})

test('two names may lead to one gateway by the command line', () => {
  const local = 'http://127.0.0.1:4000'
  expect(read({ a: 'https://a.test', b: 'https://b.test' }, { a: local, b: local }).errors).toEqual([])
})

test('says how many there may be', () => {
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`h${at}`, `https://h${at}.test`]))
  expect(read(many).errors).toEqual(['hosts: expected at most 16 hosts, got 17'])
})

test('thresholds of a host that is not declared are rejected, wherever they stand', () => {
  const users = [{ name: 'u', iterate: () => {} }]
  const load = { executor: 'constant-vus', vus: 1, duration: '1s', users }
  const planned = (thresholds: object, more: object, given: string[] = []) =>
    createPlan({ loads: { browse: { ...load, ...more } }, hosts: { api: 'http://a.test' }, thresholds }, 'trial', {
      seed: 1,
      tags: {},
      thresholds: given,
    })
  const metric = 'http_reqs{host:apy}'
  const advice = 'there is no host "apy"; did you mean "api"?; there are "api"'
  expect(() => planned({ [metric]: ['count>0'] }, {})).toThrow(`thresholds["${metric}"]: ${advice}`)
  expect(() => planned({}, { thresholds: { [metric]: ['count>0'] } })).toThrow(advice)
  expect(() => planned({}, {}, [`${metric} count>0`])).toThrow(`--threshold["${metric}"]: ${advice}`)
  expect(planned({ 'http_reqs{host:api}': ['count>0'] }, {}).thresholds).toHaveLength(1)
})
