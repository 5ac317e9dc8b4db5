import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, test, type TestContext } from 'vitest'
import type { CapacityResult } from '../../../harness/capacity/capacity-result.ts'
import { OK, rawServer } from '../../support/raw-server.ts'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const scenario = (load: string) => `
import { scenario, user } from 'loadcell'
export default scenario({
  warmup: 0,
  load: ${load},
  users: [user('reader', { iterate: ({ http }) => http.get('/loose') })],
})`
const ITERATIONS = `{ executor: 'per-vu-iterations', vus: 1, iterations: 5 }`

/** An answer that undici accepts, and that is malformed for the lean engine: an interim response with bare line feeds. */
function looseServer(context: TestContext) {
  const loose = `HTTP/1.1 100 Continue\n\n${OK}`
  return rawServer(({ line, socket }) => socket.write(line.includes('/loose') ? loose : OK), context)
}

const failed = { lean: 5, undici: 0 }

it.for(['lean', 'undici'] as const)(
  'run --engine %s sends with that engine, and the result names it',
  async (engine, context) => {
    const { url } = await looseServer(context)
    const out = scratchFolder()
    const flags = ['--target', url, '--engine', engine, '--out', join(out, 'run'), '--summary', 'none']
    const { output } = await loadcell(['run', writeScenario(scenario(ITERATIONS)), ...flags])
    const { run, totals } = readResult(join(out, 'run'))
    expect(run.engine, output).toBe(engine)
    expect(totals, output).toMatchObject({ requests: 5, failedRequests: failed[engine] })
    expect(readFileSync(join(out, 'run', 'report.html'), 'utf8')).toContain(`--engine ${engine}`)
  },
)

test('runs of different engines are compared only with --force', async context => {
  const { url } = await rawServer(({ socket }) => socket.write(OK), context)
  const out = scratchFolder()
  const path = writeScenario(scenario(ITERATIONS))
  for (const engine of ['lean', 'undici']) {
    const flags = ['--target', url, '--engine', engine, '--out', join(out, engine), '--summary', 'none']
    await loadcell(['run', path, ...flags])
  }
  const refused = await loadcell(['compare', join(out, 'lean'), '--with', join(out, 'undici')])
  expect(refused.code).toBe(104)
  expect(refused.output).toMatch(/engine.*lean.*undici/s)
})

test('compare --ab and capacity send with the engine that they are given', async context => {
  const { url } = await looseServer(context)
  const out = scratchFolder()
  const path = writeScenario(scenario(`{ executor: 'constant-vus', vus: 1, duration: '1s' }`))
  const sides = ['--a', url, '--b', url, '--rounds', '2', '--duration', '200ms', '--force']
  const probes = ['--target', url, '--slo', 'http_req_failed rate<0.5', '--probe', '2s', '--probes', '2', '--max', '2']
  const [compared, searched] = await Promise.all([
    loadcell(['compare', '--ab', path, ...sides, '--engine', 'undici', '--out', join(out, 'rounds')]),
    loadcell(['capacity', path, ...probes, '--engine', 'undici', '--out', join(out, 'capacity')]),
  ])
  expect(readResult(join(out, 'rounds', 'a-1')), compared.output).toMatchObject({
    run: { engine: 'undici' },
    totals: { failedRequests: 0 },
  })
  const found = JSON.parse(readFileSync(join(out, 'capacity', 'capacity.json'), 'utf8')) as CapacityResult
  expect(found.subject.engine, searched.output).toBe('undici')
  expect(found.probes.map(({ state }) => state)).not.toContain('fails')
}, 60_000)

it('an unknown engine is refused, with the names of those that there are', async () => {
  const { code, output } = await loadcell(['run', 'browse', '--engine', 'curl'])
  expect(code).toBe(104)
  expect(output).toMatch(/--engine.*lean.*undici/s)
})
