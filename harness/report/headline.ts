import type { RunResult, Validity, ValidityFinding } from '../results/run-result.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import { counted, formatQuantity } from './quantity.ts'
import { regressionSentences } from './regressions.ts'

/** The verdict on a run, for the first line. */
export interface Headline {
  word: 'PASSED' | 'FAILED' | 'INVALID' | 'INTERRUPTED'
  /** The reason in a sentence or two. */
  sentence: string
}

/** A change by live control and a teardown that failed change no verdict, but are told beside it. */
export function headlineOf(result: RunResult): Headline {
  const { word, sentence } = verdictOn(result)
  const { stages, liveControl } = result
  const sentences = [
    sentence,
    ...(liveControl === undefined ? [] : ['It was changed while it ran, so its load is not the one that was planned.']),
    ...(stages?.teardown !== undefined && stages.teardown.state !== 'completed'
      ? [asSentence(stages.teardown.detail)]
      : []),
  ]
  return { word, sentence: sentences.join(' ') }
}

function verdictOn(result: RunResult): Headline {
  const { outcome, validity, reconciliation, thresholds, exitCode } = result
  const ending = asSentence(outcome.detail)
  if (outcome.state === 'interrupted') {
    return { word: 'INTERRUPTED', sentence: `${ending} The numbers cover only the time before that.` }
  }
  if (outcome.state === 'machine_exhausted' || outcome.state === 'worker_lost')
    return { word: 'INVALID', sentence: ending }
  if (!['completed', 'aborted_by_threshold', 'nothing_succeeded'].includes(outcome.state)) {
    return { word: 'FAILED', sentence: ending }
  }
  // Before the thresholds: numbers that cannot be trusted neither pass nor fail a target.
  if (validity.state === 'invalid') return { word: 'INVALID', sentence: doubts(validity) }
  if (reconciliation.state === 'differs') {
    const distrust = 'The measurements differ from the target’s own ledger: the numbers cannot be trusted.'
    return { word: 'INVALID', sentence: `${distrust} ${asSentence(reconciliation.summary)}` }
  }
  const failed = [...failures(thresholds), ...regressionSentences(result.regressions ?? [])]
  if (outcome.state !== 'completed') return { word: 'FAILED', sentence: [ending, ...failed].join(' ') }
  if (failed.length > 0) return { word: 'FAILED', sentence: failed.join(' ') }
  if (exitCode !== 0) return { word: 'FAILED', sentence: ending }
  const ledger =
    reconciliation.state === 'agrees'
      ? 'and the target’s own ledger agrees with what was measured'
      : 'but the numbers could not be checked against a ledger of the target'
  return { word: 'PASSED', sentence: `${held(thresholds)}, the load generator kept up, ${ledger}.` }
}

/** Returns the text as a sentence: with a capital, unless it begins with a URL or a name, and a full stop. */
export function asSentence(text: string): string {
  const capital = text.replace(/^[a-z]+(?=[\s,])/, word => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
  return `${capital}${/[.!?…]$/.test(text) ? '' : '.'}`
}

const distrust: Record<ValidityFinding['cause'], string> = {
  pace: 'The load generator could not keep up: the numbers say more about it than about the target.',
  machine: 'The machine of the load generator ran out of resources: the failures are its own, not the target’s.',
  workers: 'Workers were lost: the load was not the planned one.',
  data: 'Users had no row of their data and did nothing: the load was not the planned one.',
  clocks: 'The timestamps of events and the clock of this machine disagree: end-to-end latency means nothing.',
}

/** Returns why an invalid run says little about its target. */
export function distrustOf({ findings }: Validity): string {
  const causes = findings.filter(({ state }) => state === 'doubtful').map(({ cause }) => cause)
  return distrust[(['machine', 'workers', 'data', 'clocks'] as const).find(cause => causes.includes(cause)) ?? 'pace']
}

function doubts(validity: Validity): string {
  const found = validity.findings
    .filter(({ state }) => state === 'doubtful')
    .map(({ question, observed, limit }) => `${question} ${observed}, expected ${limit}.`)
  return [distrustOf(validity), ...found].join(' ')
}

function held(thresholds: ThresholdVerdict[]): string {
  if (thresholds.length === 0) return 'The run completed and has no thresholds'
  return thresholds.length === 1 ? 'The one threshold held' : `All ${thresholds.length} thresholds held`
}

function failures(thresholds: ThresholdVerdict[]): string[] {
  const failed = thresholds.filter(({ state }) => state === 'failed')
  const empty = thresholds.filter(({ state }) => state === 'no-data')
  const sentences = []
  if (failed.length > 0) {
    sentences.push(
      `${failed.length} of ${counted(thresholds.length, 'threshold')} failed: ${failed.map(broken).join('; ')}.`,
    )
  }
  if (empty.length > 0) {
    const metrics = [...new Set(empty.map(({ metric }) => metric))].join(', ')
    sentences.push(`${counted(empty.length, 'threshold')} had no data, which counts as failed: ${metrics}.`)
  }
  return sentences
}

function broken({ metric, expression, observed, unit }: ThresholdVerdict): string {
  const demanded = `${metric} should satisfy ${expression}`
  return observed === undefined ? demanded : `${demanded} and was ${formatQuantity(observed, unit)}`
}
