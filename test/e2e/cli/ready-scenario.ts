import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { RunResult } from '../../../contract/run-result.ts'
import { loadcell, readResult, scratchFolder } from './loadcell.ts'

/** Runs a ready scenario: nothing fails but what it brings along to fail, and both ends agree on everything. */
export async function runReady(scenario: string, options: string[]): Promise<RunResult> {
  const out = scratchFolder()
  const { output } = await loadcell(['run', scenario, ...options, '--warmup', '200ms', '--out', out])
  expect(existsSync(join(out, 'result.json')), output).toBe(true)
  const result = readResult(out)
  expect(result.reconciliation.rows.filter(row => row.difference !== 0)).toEqual([])
  expect(result.reconciliation.state).toBe('agrees')
  expect(output).toMatch(/harness and ledger agree on all \d+ counts/)
  expect(result.totals.requests).toBeGreaterThan(5)
  const refused = result.faults.rules.reduce((sum, { type, injected }) => sum + (type === 'status' ? injected : 0), 0)
  expect(result.totals.failedRequests).toBe(refused)
  expect(result.errors.filter(({ example }) => !example.includes('injected_fault'))).toEqual([])
  expect(result.checks.filter(({ fails }) => fails > refused)).toEqual([])
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain(scenario)
  return result
}
