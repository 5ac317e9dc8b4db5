import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { FaultsReport } from '../../../contract/faults/report.ts'
import { testTarget } from '../target/support.ts'
import { scratchFolder, startLoadcell } from './loadcell.ts'

it('an interrupted audit leaves no fault behind at a target that goes on', async () => {
  const target = await testTarget()
  const cwd = scratchFolder()
  const script = `setInterval(() => fetch(process.env.LOADCELL_TARGET + '/api/v1/products/1').catch(() => {}), 20)`
  writeFileSync(join(cwd, 'script.mjs'), script)
  const flags = ['--mutate', '--mutation-time', '1s', '--timeout', '1s', '--url', target.url, '--out', 'out', '--quiet']
  const audit = startLoadcell(['audit', ...flags, '--', process.execPath, 'script.mjs'], { cwd })
  const faults = async () =>
    ((await (await fetch(`${target.controlUrl}/_loadcell/faults`)).json()) as FaultsReport).rules.map(
      ({ rule }) => rule.id,
    )
  await audit.said(/audit: one request in twenty is answered with 500/)
  while ((await faults()).length === 0);
  audit.child.kill('SIGINT')
  expect((await audit.finished).code).toBe(105)
  expect(await faults()).toEqual([])
})
