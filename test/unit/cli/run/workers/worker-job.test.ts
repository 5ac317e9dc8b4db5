import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import type { RunFlags } from '../../../../../cli/run/plan/run-flags.ts'
import { planOfJob } from '../../../../../cli/run/workers/worker-job.ts'
import type { ProcessGuard } from '../../../../../harness/run/process-guard.ts'

afterEach(() => vi.unstubAllEnvs())

const library = new URL('../../../../../harness/scenario.ts', import.meta.url).href
const SCENARIO = `import { scenario, user, variables } from '${library}'
const vars = variables({ jobSize: 5, jobRegion: 'eu' })
export default scenario({
  description: vars.jobSize + ' in ' + vars.jobRegion,
  load: { executor: 'constant-vus', vus: 1, duration: '1s' },
  users: [user('visitor', { iterate: ({ http }) => http.get('/') })],
})
`

it('a job from another machine has the variables of that machine, and none of this one', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'loadcell-job-')))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'scenario.ts')
  writeFileSync(path, SCENARIO)
  vi.stubEnv('LOADCELL_VAR_jobSize', '77')
  vi.stubEnv('LOADCELL_VAR_jobRegion', 'asia')
  const never = new AbortController().signal
  const context = { guard: { exited: never } as ProcessGuard, stops: { graceful: never, atOnce: never } }
  const flags = {
    var: {},
    tag: {},
    host: {},
    targetSet: {},
    threshold: [],
    observe: [],
    faults: [],
  } as Partial<RunFlags> as RunFlags
  const moved = { root: folder, folder, place: folder }
  const plan = await planOfJob({ scenario: path, moved, flags, environment: { LOADCELL_VAR_jobRegion: 'us' } }, context)
  expect(plan.description).toBe('5 in us')
})
