import { exitCodes } from '../../results/exit-codes.ts'
import type { RunResult, ValidityFinding } from '../../results/run-result.ts'
import type { ThresholdVerdict } from '../../thresholds/threshold.ts'
import { asSentence } from '../headline.ts'
import { formatMargin, formatQuantity } from '../quantity.ts'
import { element, type XmlElement, xmlDocument } from './xml.ts'

interface TestCase {
  name: string
  /** `error`: the numbers say nothing about the target. */
  state: 'passed' | 'failure' | 'error' | 'skipped'
  message: string
}

/**
 * Returns the run as JUnit XML. It has failures or errors exactly if the exit code is not 0. The thresholds of an invalid run
 * are skipped, because they mean nothing. Checks are left out, because a failed check does not fail a run.
 */
export function junitXml(result: RunResult): string {
  const suites = [
    suite('run', [runCase(result)], result),
    suite(
      'thresholds',
      result.thresholds.map(verdict => thresholdCase(verdict, result)),
      result,
    ),
    suite(
      'validity',
      result.validity.findings.map(finding => validityCase(finding, result)),
      result,
    ),
    suite('ledger', [ledgerCase(result)], result),
  ]
  const sum = (key: 'tests' | 'failures' | 'errors') =>
    suites.reduce((all, { attributes }) => all + Number(attributes[key]), 0)
  const { scenario, durationMs } = result.run
  return xmlDocument(
    element(
      'testsuites',
      {
        name: scenario,
        tests: sum('tests'),
        failures: sum('failures'),
        errors: sum('errors'),
        time: seconds(durationMs),
      },
      suites,
    ),
  )
}

function suite(name: string, cases: readonly TestCase[], { run }: RunResult): XmlElement {
  const count = (state: TestCase['state']) => cases.filter(each => each.state === state).length
  const properties = Object.entries({
    run: run.id,
    target: run.targetUrl,
    seed: String(run.seed),
    version: run.version,
    ...run.tags,
  }).map(([property, value]) => element('property', { name: property, value }))
  return element(
    'testsuite',
    {
      name: `${run.scenario}: ${name}`,
      tests: cases.length,
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
      time: seconds(name === 'run' ? run.durationMs : 0),
      timestamp: new Date(run.startedAt).toISOString().slice(0, 19),
    },
    [element('properties', {}, properties), ...cases.map(each => testCase(each, `${run.scenario}.${name}`))],
  )
}

function testCase({ name, state, message }: TestCase, classname: string): XmlElement {
  const attributes = { name, classname, time: 0 }
  if (state === 'passed') return element('testcase', attributes, [element('system-out', {}, message)])
  if (state === 'skipped') return element('testcase', attributes, [element('skipped', { message })])
  return element('testcase', attributes, [element(state, { message, type: state }, message)])
}

const runStates: Record<RunResult['outcome']['state'], TestCase['state']> = {
  completed: 'passed',
  aborted_by_threshold: 'failure',
  nothing_succeeded: 'failure',
  interrupted: 'error',
  target_unreachable: 'error',
  target_lost: 'error',
  scenario_failed: 'error',
  machine_exhausted: 'error',
  worker_lost: 'error',
}

function runCase({ outcome }: RunResult): TestCase {
  return { name: 'the run completes', state: runStates[outcome.state], message: asSentence(outcome.detail) }
}

function thresholdCase(verdict: ThresholdVerdict, { exitCode }: RunResult): TestCase {
  const { metric, expression, state, observed, unit } = verdict
  const name = `${metric} ${expression}`
  if (exitCode === exitCodes.invalidRun)
    return { name, state: 'skipped', message: 'The run is invalid, so its numbers say nothing about the target.' }
  const seen = observed === undefined ? 'no data' : `${formatQuantity(observed, unit)}, ${formatMargin(verdict)}`
  return { name, state: state === 'passed' ? 'passed' : 'failure', message: `expected ${expression}, observed ${seen}` }
}

function validityCase(finding: ValidityFinding, { validity }: RunResult): TestCase {
  const { question, state, observed, limit, advice } = finding
  const message = `Observed: ${observed}. Limit: ${limit}.`
  if (state === 'ok') return { name: question, state: 'passed', message }
  // In a valid run, a doubt is a hint.
  return { name: question, state: validity.state === 'invalid' ? 'error' : 'passed', message: `${message} ${advice}` }
}

const ledgerStates = { agrees: 'passed', differs: 'error', unavailable: 'skipped' } as const

function ledgerCase({ reconciliation: { state, summary } }: RunResult): TestCase {
  return { name: 'harness and ledger agree', state: ledgerStates[state], message: asSentence(summary) }
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3)
}
