import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { exitCodes } from '../../../harness/results/exit-codes.ts'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { loadcell, readResult, scratchFolder } from './loadcell.ts'

/** Runs a ready scenario. Only requests that it expects to fail do so, and both ends agree on everything. */
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
  expect(result.thresholds.filter(({ state }) => state === 'no-data')).toEqual([])
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain(scenario)
  return result
}

/**
 * Runs a ready scenario with options that may not suit it. The result must make sense: the run is refused with a reason, or it
 * runs, both ends agree, and no code of the scenario throws. Whether its thresholds hold depends on the options.
 * @returns the exit code
 */
export async function runAnyhow(scenario: string, options: string[]): Promise<number> {
  const out = scratchFolder()
  const { output, code } = await loadcell(['run', scenario, ...options, '--warmup', '0', '--quiet', '--out', out])
  if (code === exitCodes.badInput) {
    expect(output).toMatch(/expected|does not fit|there are no phases/)
    return code
  }
  expect(existsSync(join(out, 'result.json')), output).toBe(true)
  const { outcome, errors, reconciliation } = readResult(out)
  expect({ state: outcome.state, outcomeDetail: outcome.detail }).toEqual({
    state: expect.stringMatching(/^(completed|aborted_by_threshold)$/),
    outcomeDetail: outcome.detail,
  })
  expect(errors.filter(({ reason }) => reason === 'exception')).toEqual([])
  expect(reconciliation.rows.filter(row => row.difference !== 0)).toEqual([])
  return code!
}
