import type { RunResult, Verdict } from '../../contract/run-result.ts'
import { counted, formatQuantity } from './quantity.ts'

/** The verdict on a run, as a newcomer should meet it first. */
export interface Headline {
  word: 'PASSED' | 'FAILED' | 'INVALID' | 'INTERRUPTED'
  /** Why, in a sentence or two. */
  sentence: string
}

export function headlineOf(result: RunResult): Headline {
  const { outcome, validity, thresholds } = result
  switch (outcome.state) {
    case 'interrupted':
      return { word: 'INTERRUPTED', sentence: `${outcome.detail} The numbers cover what had happened until then.` }
    case 'scenario_failed':
    case 'target_unreachable':
    case 'target_lost':
      return { word: 'FAILED', sentence: outcome.detail }
    case 'aborted_by_threshold':
      return { word: 'FAILED', sentence: `${outcome.detail} ${failures(thresholds)}`.trim() }
    case 'completed':
  }
  // Before the thresholds: numbers of an overloaded generator neither pass nor fail a target.
  if (validity.state === 'invalid') {
    const doubts = validity.findings.filter(finding => finding.state === 'doubtful')
    return {
      word: 'INVALID',
      sentence: `The load generator could not keep up, so these numbers say more about it than about the target: ${doubts
        .map(finding => `${finding.question} ${finding.observed}, expected ${finding.limit}`)
        .join('; ')}.`,
    }
  }
  if (thresholds.some(verdict => verdict.state !== 'passed')) return { word: 'FAILED', sentence: failures(thresholds) }
  if (result.exitCode !== 0) return { word: 'FAILED', sentence: outcome.detail }
  return {
    word: 'PASSED',
    sentence: `${held(thresholds)}, the load generator kept up, ${ledgerWords[result.reconciliation.state]}.`,
  }
}

function held(thresholds: Verdict[]): string {
  if (thresholds.length === 0) return 'The run went to its end without a threshold to judge it by'
  return thresholds.length === 1 ? 'The one threshold held' : `All ${thresholds.length} thresholds held`
}

const ledgerWords = {
  agrees: 'and the target’s own ledger agrees with what was measured',
  differs: 'but the target’s own ledger differs from what was measured',
  unavailable: 'and the target has no ledger to check it against',
}

function failures(thresholds: Verdict[]): string {
  const failed = thresholds.filter(verdict => verdict.state === 'failed')
  const empty = thresholds.filter(verdict => verdict.state === 'no-data')
  const sentences = []
  if (failed.length > 0) {
    const observed = failed
      .map(({ metric, expression, observed, unit }) =>
        observed === undefined
          ? `${metric} ${expression}`
          : `${metric} should hold ${expression} and came to ${formatQuantity(observed, unit)}`,
      )
      .join('; ')
    sentences.push(`${failed.length} of ${counted(thresholds.length, 'threshold')} failed: ${observed}.`)
  }
  if (empty.length > 0) {
    const metrics = empty.map(({ metric }) => metric).join(', ')
    sentences.push(`${counted(empty.length, 'threshold')} had no data, which counts as failed: ${metrics}.`)
  }
  return sentences.join(' ')
}
