import { describe, expect, it } from 'vitest'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { readyScenarios } from '../../cli/loading/ready-scenarios.ts'
import { presets } from '../../contract/faults/presets.ts'
import { profiles } from '../../harness/plan/profiles.ts'
import { runAnyhow } from '../e2e/cli/ready-scenario.ts'

const all = readyScenarios()
const pairs = (options: readonly string[]) => all.flatMap(name => options.map(option => [name, option] as const))
const counted = new Set(['batch-ingest', 'reports'])

/** Every ready scenario with everything that changes it: some forty minutes. */
describe.concurrent('a ready scenario', () => {
  it.each(pairs(['2s', '5s', '10s', '40s']))(
    '%s for %s holds what it promises, or is refused',
    async (name, duration) => {
      const { ok, invalidRun, badInput } = exitCodes
      // A machine that is busy with something else cannot tell.
      expect([ok, invalidRun, badInput]).toContain(await runAnyhow(name, ['--duration', duration]))
    },
  )

  it.each(pairs(Object.keys(profiles)))('%s makes sense under the profile %s', async (name, profile) => {
    await runAnyhow(name, ['--profile', profile, ...(counted.has(name) ? [] : ['--duration', '15s'])])
  })

  it.each(pairs(Object.keys(presets)))('%s makes sense with %s', async (name, preset) => {
    await runAnyhow(name, ['--faults', preset])
  })
})
