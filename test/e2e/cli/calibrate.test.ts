import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connectionFaultCases } from '../../../calibration/faults/connection-fault-cases.ts'
import { distributionCases } from '../../../calibration/faults/distribution-cases.ts'
import { messageFaultCases } from '../../../calibration/faults/message-fault-cases.ts'
import { requestFaultCases } from '../../../calibration/faults/request-fault-cases.ts'
import { stationCases } from '../../../calibration/stations/stations-check.ts'
import { presets } from '../../../contract/faults/presets.ts'
import { loadcell, scratchFolder } from './loadcell.ts'

it('a calibration compares every fault and distribution with its configuration', async () => {
  const file = join(scratchFolder(), 'table.md')
  writeFileSync(file, '# Ours\n\n<!-- calibration: begin -->\nThe table before.\n<!-- calibration: end -->\nThe end.\n')
  const { code, output } = await loadcell(['calibrate', 'faults', '--short', '--seed', '3', '--write', file])
  expect([0, 98], output).toContain(code)
  const document = readFileSync(file, 'utf8')
  expect(document).toMatch(/^# Ours\n[^]*\nThe end\.\n$/)
  expect(document).not.toContain('The table before')
  expect(output).toContain('a second target with the same seed has the same.')

  const rows = document.split('\n').filter(line => /\| (✓|\*\*✗\*\*|\*\*invalid\*\*.*) \|$/.test(line))
  const names = [
    ...[...requestFaultCases, ...connectionFaultCases, ...distributionCases, ...stationCases].map(({ name }) => name),
    ...messageFaultCases.map(({ name }) => name),
    'M/M/1',
    'M/M/4',
    'M/D/1',
    'M/M/2/6',
    'knee',
    'all faults of requests',
    'all faults of messages',
    ...Object.entries(presets).flatMap(([name, { rules }]) =>
      rules.length === 0 ? [name] : rules.map(({ id }) => id),
    ),
  ]
  for (const name of names) {
    expect(
      rows.some(row => row.startsWith(`| ${name}: `)),
      name,
    ).toBe(true)
  }
  // On a busy machine, rows about time may be invalid, but rows about decisions must still agree.
  const outside = rows.filter(row => row.endsWith('**✗** |'))
  // The waits of a queue are correlated for longer than this short run, so their intervals are too narrow.
  const isOfWaits = (row: string) => /^\| M\/[MD]\/[\d/]+: (mean|turned away)/.test(row) && !row.includes('service')
  expect(outside.filter(row => !isOfWaits(row))).toEqual([])
  expect(code).toBe(outside.length > 0 || rows.some(row => row.includes('**invalid**')) ? 98 : 0)
}, 600_000)

it('a file without markers for the table is rejected before anything runs', async () => {
  const file = join(scratchFolder(), 'table.md')
  writeFileSync(file, '# No markers\n')
  const { code, output } = await loadcell(['calibrate', 'faults', '--write', file])
  expect(code).toBe(104)
  expect(output).toContain('expected the markers <!-- calibration: begin --> and <!-- calibration: end -->')
})

it('a calibration of searches for capacity compares them with theory and with bisection', async () => {
  const file = join(scratchFolder(), 'capacity.md')
  writeFileSync(file, '# Ours\n\n<!-- calibration: begin -->\n<!-- calibration: end -->\n')
  const { code, output } = await loadcell([
    'calibrate',
    'capacity',
    '--short',
    '--queue',
    'M/D/1',
    '--queue',
    'shared',
    '--write',
    file,
  ])
  expect(output).toContain('All errors are within 5.00 %.')
  const rows = readFileSync(file, 'utf8').match(/^\| .* \|$/gm)
  expect(rows?.filter(row => row.includes('20 of Loadcell')).map(row => row.split(' | ')[0])).toEqual([
    '| M/D/1',
    '| shared',
  ])
  expect(rows?.filter(row => row.includes('by bisection'))).toHaveLength(2)
  expect(code).toBe(0)
})
