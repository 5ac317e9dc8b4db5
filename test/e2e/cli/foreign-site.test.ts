import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { engineNames } from '../../../harness/client/engine/engine-names.ts'
import { countsOfLog, countsOfResult } from '../../support/foreign-site/access-log.ts'
import { startNodeSite } from '../../support/foreign-site/node-site.ts'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const visitor = resolve(import.meta.dirname, '../../support/foreign-site/visitor.ts')

it.for(engineNames)(
  'a visitor of a foreign site logs in, uploads and asks an API, and both servers log what the engine %s counts',
  async (engine, { onTestFinished }) => {
    const site = await startNodeSite()
    onTestFinished(() => site.close())
    const out = join(scratchFolder(), 'run')
    const { code, output } = await loadcell([
      'run',
      visitor,
      '--target',
      site.urls.site,
      '--host',
      `api=${site.urls.api}`,
      '--out',
      out,
      '--quiet',
      '--engine',
      engine,
    ])
    expect(code, output).toBe(0)
    const counts = countsOfLog(site.log)
    expect(countsOfResult(readResult(out))).toEqual(counts)
    expect(counts['POST /photos 201']).toMatchObject({ requests: 6 })
    expect(counts['POST api:/v1/answers 200']).toMatchObject({ requests: 6 })
    // Neither server learns who sends the load, and the API, on another host, sees no cookies of the site.
    expect(site.log.filter(({ tells }) => tells.length > 0)).toEqual([])
    expect(site.log.filter(({ server, cookies }) => server === 'api' && cookies.length > 0)).toEqual([])
  },
)

it('what a page or a schema does not have is an error with its place, and fails neither the run nor shows secrets', async ({
  onTestFinished,
}) => {
  const site = await startNodeSite()
  onTestFinished(() => site.close())
  const out = join(scratchFolder(), 'run')
  const scenario = writeScenario(`import { matchesSchema, scenario, user } from 'loadcell'
const isOrder = matchesSchema({ properties: { total: { type: 'string' } } })
const headers = { authorization: 'Bearer shop-api-token-4711' }
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 4, iterations: 1 },
  warmup: 0,
  hosts: { api: '${site.urls.api}' },
  users: [
    user('form', { iterate: async ({ http }) => (await http.get('/login')).html().input('csrf') }),
    user('text', { iterate: async ({ http }) => (await http.get('/login')).match(/number (\\d+)/) }),
    user('path', { iterate: async ({ http }) => (await http.get('api:/v1/orders', { headers })).json('/items/0/price') }),
    user('schema', {
      async iterate({ http, check }) {
        check(await http.get('api:/v1/orders', { headers }), { 'is answered': ({ ok }) => ok, 'is an order': isOrder })
      },
    }),
  ],
})
`)
  const { code, output } = await loadcell(['run', scenario, '--target', site.urls.site, '--out', out, '--quiet'])
  expect(code, output).toBe(0)
  const { errors } = readResult(out)
  const told = Object.fromEntries(errors.map(({ reason, name, example }) => [name, `${reason}: ${example}`]))
  expect(told).toEqual({
    'check: is an order': expect.stringMatching(/^body: .* in which \/total must be string, and is a number$/),
    'form: iterate': expect.stringMatching(
      /^body: .* form field "csrf" in .* from \/login, got the fields "csrf_token", .* \(scenario\.ts:9\)$/,
    ),
    'text: iterate': expect.stringMatching(
      /^body: .* text like \/number \(\\d\+\)\/ in .* value=\\"\*\*\*\\".* \(scenario\.ts:10\)$/,
    ),
    'path: iterate': expect.stringMatching(
      /^body: .* a value at \/items\/0\/price .* the keys "id" at \/items\/0 \(scenario\.ts:11\)$/,
    ),
  })
})

it('one visit of it is shown with --once: forms, files and streams, without secrets', async ({ onTestFinished }) => {
  const site = await startNodeSite()
  onTestFinished(() => site.close())
  const { code, output } = await loadcell([
    'run',
    visitor,
    '--once',
    '--target',
    site.urls.site,
    '--host',
    `api=${site.urls.api}`,
  ])
  expect(code, output).toBe(0)
  expect(output).toContain('> csrf_token=***&user=ada+0&password=***\n')
  expect(output).toMatch(
    /> csrf_token=\*\*\*\n.*> title=My cat\n.*> photo=\([\d,]+ bytes of image\/png\) in a file "Zoë /,
  )
  expect(output).toMatch(
    /POST \S+\/v1\/answers \(stream\)\n[^<]*> \{"prompt": "one two three"\}\n[^]*< event reset one\n/,
  )
})
