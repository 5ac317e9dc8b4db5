import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { AuditResult } from '../../../calibration/audit/audit-result.ts'
import { scratchFolder } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

/**
 * A load script of two users that read 50 products each and write one line a request.
 * @param isGood its check of each answer
 * @param mostSlow It fails if more requests than this took a second.
 */
const scriptOf = (isGood: string, mostSlow: number) => `
import { writeFileSync } from 'node:fs'
const lines = ['name,elapsed,at,failed']
let slow = 0
async function read(id) {
  const at = Date.now()
  const started = performance.now()
  let failed = false
  try {
    const response = await fetch(process.env.LOADCELL_TARGET + '/api/v1/products/' + id)
    const text = await response.text()
    failed = !(${isGood})
  } catch {
    failed = ${isGood !== 'true'}
  }
  const elapsedMs = performance.now() - started
  if (elapsedMs > 950) slow++
  lines.push(['GET /api/v1/products/' + id, elapsedMs, at, failed].join(','))
}
async function user(first) {
  for (let id = first; id < first + 50; id++) await read(id)
}
await Promise.all([1, 101].map(user))
writeFileSync('report.csv', lines.join('\\n'))
if (slow > ${mostSlow}) process.exitCode = 1
`

/** A product has thirteen fields, all of which have a value. */
const checks = `response.status === 200 && JSON.parse(text).id === id &&
      Object.values(JSON.parse(text)).filter(value => value !== null).length === 13`
/** The mutation slows one request in ten. Where nothing is slowed, a machine that stands still for a second slows one of each user. */
const MOST_SLOW = 3

async function audited(script: string): Promise<AuditResult> {
  const cwd = scratchFolder()
  writeFileSync(join(cwd, 'script.mjs'), script)
  const columns = [
    '--columns',
    'name=name,elapsed=elapsed:ms,startedAt=at:ms,failed=failed:true',
    '--report',
    'report.csv',
  ]
  const mutate = ['--mutate', '--mutation-time', '30s', '--out', 'out', '--quiet']
  await loadcell(['audit', ...mutate, ...columns, '--', process.execPath, 'script.mjs'], {
    cwd,
  })
  return JSON.parse(readFileSync(join(cwd, 'out/audit.json'), 'utf8')) as AuditResult
}

/** The ids of its mutations by state. */
function outcomes({ mutations }: AuditResult): Partial<Record<string, string[]>> {
  const ids = Map.groupBy(mutations!.outcomes, ({ state }) => state)
  return Object.fromEntries([...ids].map(([state, group]) => [state, group.map(({ id }) => id)]))
}

const affected = [
  'errors',
  'error_body',
  'empty_body',
  'truncated_json',
  'missing_field',
  'null_field',
  'wrong_id',
  'slow',
  'too_many_requests',
  'cut_request',
]

it('a script with checks notices each mutation of what it asks for', async () => {
  const result = await audited(scriptOf(checks, MOST_SLOW))
  expect(outcomes(result).missed).toBeUndefined()
  expect(outcomes(result).noticed).toEqual(expect.arrayContaining(affected))
  expect(result.mutations!.skipped.map(({ id }) => id)).toContain('lost_events')
  expect(result.mutations!.noticed).toBe(result.mutations!.tried)
})

it('a script without checks misses them all, and is told the check for each', async () => {
  const result = await audited(scriptOf('true', Infinity))
  expect(outcomes(result).noticed).toBeUndefined()
  expect(outcomes(result).missed).toEqual(expect.arrayContaining(affected))
  for (const outcome of result.mutations!.outcomes)
    if (outcome.state === 'missed') expect(outcome.check, outcome.id).toMatch(/\w/)
  expect(result.mutations!.noticed).toBe(0)
})

it.each([
  [['--seed', '3'], '--seed is for the runs of --mutate'],
  [['--mutate', '--faults', 'brownout'], '--mutate sets faults of its own'],
  [['--mutate', '--mutation-time', '0'], "option '--mutation-time <duration>' argument '0' is invalid"],
  [['--timeout', '30d'], 'expected more than 0 and at most 24 days'],
  [['--mutate', '--require-noticed', 'most'], 'expected a whole number'],
])('refuses %j', async (flags, message) => {
  const { code, output } = await loadcell(['audit', ...flags, '--', 'true'])
  expect({ code, output }).toEqual({ code: 104, output: expect.stringContaining(message) as string })
})
