import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { faults } from '../../../contract/faults/fault.ts'
import { loadcell, scratchFolder } from './loadcell.ts'

it('a calibration holds every fault and distribution against what was configured', async () => {
  const file = join(scratchFolder(), 'table.md')
  writeFileSync(file, '# Ours\n\n<!-- calibration: begin -->\nold\n<!-- calibration: end -->\nThe end.\n')
  const { code, output } = await loadcell(['calibrate', 'faults', '--short', '--seed', '3', '--write', file])
  const document = readFileSync(file, 'utf8')
  expect(document).toMatch(/^# Ours\n[^]*\nThe end\.\n$/)
  expect(document).not.toContain('old')
  expect(output).toContain('at a second target of the same seed the same.')

  const rows = document.split('\n').filter(line => /\| (✓|\*\*✗\*\*) \|$/.test(line))
  for (const type of Object.keys(faults)) {
    if (type === 'capacity') continue
    expect(
      rows.some(row => row.startsWith(`| ${type}`)),
      type,
    ).toBe(true)
  }
  for (const model of ['M/M/1', 'M/M/4', 'M/D/1', 'M/M/2/6']) {
    expect(
      rows.some(row => row.startsWith(`| ${model}: mean wait`)),
      model,
    ).toBe(true)
  }
  for (const name of [
    'uniform',
    'normal',
    'lognormal',
    'exponential',
    'pareto',
    'gamma',
    'weibull',
    'bimodal',
    'mixture',
    'empirical',
    'fixed',
    'replay',
  ]) {
    expect(
      rows.some(row => row.startsWith(`| ${name}`)),
      name,
    ).toBe(true)
  }
  // How close stations come to theory in a second is for a quiet machine to say.
  const outside = rows.filter(row => row.endsWith('**✗** |'))
  expect(outside.filter(row => !/^\| M\/[MD]\//.test(row) || row.includes('exactly'))).toEqual([])
  expect(code).toBe(outside.length === 0 ? 0 : 98)
}, 180_000)

it('refuses a file that has no place for the table, before anything is run', async () => {
  const file = join(scratchFolder(), 'table.md')
  writeFileSync(file, '# No markers\n')
  const { code, output } = await loadcell(['calibrate', 'faults', '--write', file])
  expect(code).toBe(104)
  expect(output).toContain('expected the markers <!-- calibration: begin --> and <!-- calibration: end -->')
})
