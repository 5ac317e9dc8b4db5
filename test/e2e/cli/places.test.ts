import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { OK, rawServer } from '../../support/raw-server.ts'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const scenario = () =>
  writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  warmup: 0,
  load: { executor: 'per-vu-iterations', vus: 2, iterations: 5 },
  users: [user('reader', { iterate: ({ http }) => http.get('/a') })],
})`)

it('run --place labels all samples: in thresholds, rows, reports and the command that repeats the run', async context => {
  const { url } = await rawServer(({ socket }) => socket.write(OK), context)
  const out = join(scratchFolder(), 'run')
  const asked = ['http_reqs{place:eu-west} count==10', 'iterations{place:eu-west} count==10']
  const flags = [
    '--place',
    'eu-west',
    '--workers',
    '2',
    ...asked.flatMap(text => ['--threshold', text]),
    '--report',
    'openmetrics',
  ]
  const { code, output } = await loadcell(['run', scenario(), '--target', url, ...flags, '--out', out, '--quiet'])
  expect(output).toMatch(/^places +eu-west +10 requests/m)
  expect(output).toMatch(/✓ http_reqs\{place:eu-west\} count==10/)
  expect(code, output).toBe(0)
  const { run, places, series } = readResult(out)
  expect(run.places).toEqual(['eu-west'])
  expect(places).toMatchObject([{ place: 'eu-west', requests: 10, failed: 0, iterations: 10, response: { count: 10 } }])
  expect(new Set(series.map(({ tags }) => tags.place))).toEqual(new Set(['eu-west']))
  expect(readFileSync(join(out, 'openmetrics.txt'), 'utf8')).toMatch(
    /loadcell_iterations_total\{user="reader",place="eu-west"\} 10/,
  )
  const page = readFileSync(join(out, 'report.html'), 'utf8')
  expect(page).toContain('<section id="places"')
  expect(page).toContain('--place eu-west')
})

it('a run without places has no trace of them, and is compared with one of a place only with --force', async context => {
  const { url } = await rawServer(({ socket }) => socket.write(OK), context)
  const out = scratchFolder()
  const path = scenario()
  const flags = ['--target', url, '--summary', 'none', '--quiet']
  await loadcell(['run', path, ...flags, '--out', join(out, 'without')])
  await loadcell(['run', path, ...flags, '--out', join(out, 'with'), '--place', 'us-east'])
  expect(readFileSync(join(out, 'without', 'result.json'), 'utf8')).not.toMatch(/"places?"/)
  const compared = await loadcell(['compare', join(out, 'without'), '--with', join(out, 'with')])
  expect(compared.code).toBe(104)
  expect(compared.output).toMatch(/places.*none.*us-east/s)
})

it('a place that is none, and a threshold of another place, are refused before any load is sent', async () => {
  const [named, asked, once] = await Promise.all([
    loadcell(['run', 'browse', '--place', 'eu west']),
    loadcell(['run', 'browse', '--place', 'eu-west', '--threshold', 'http_reqs{place:eu-vest} count>0']),
    loadcell(['run', 'browse', '--place', 'eu-west', '--once']),
  ])
  expect([named.code, asked.code, once.code]).toEqual([104, 104, 104])
  expect(named.output).toMatch(/expected a place such as eu-west.*"eu west"/s)
  expect(asked.output).toMatch(/there is no place "eu-vest"; did you mean "eu-west"\?/)
  expect(once.output).toMatch(/--place would mean nothing/)
})
