import { describe, expect, it } from 'vitest'
import type { ToolReport } from '../../../../calibration/audit/tool-report.ts'
import { loadcell } from '../../../../calibration/audit/tools/loadcell.ts'
import { hiddenBy, noticed, type OwnAccount } from '../../../../calibration/mutations/noticed.ts'

function own(
  total: Partial<ToolReport['total']> = {},
  command: Partial<OwnAccount['command']> = {},
  report: Partial<ToolReport> = {},
): OwnAccount {
  const counted = { name: '', requests: 100, ...total }
  return {
    command: { exitCode: 0, ...command },
    report: { tool: 'any', sources: [], rows: [], total: counted, remarks: [], ...report },
  }
}

describe('a script noticed', () => {
  it.each<[string, OwnAccount, OwnAccount, string]>([
    ['failures where there were none', own(), own({ failures: 1 }), '1 failure, and 0 before'],
    ['another exit code', own(), own({}, { exitCode: 99 }), 'it ended with exit code 99, and with exit code 0 before'],
    [
      'a signal of its own',
      own(),
      own({}, { exitCode: null, signal: 'SIGABRT' }),
      'it ended with SIGABRT, and with exit code 0 before',
    ],
    [
      'its own end, where it ran for as long as it might before',
      own({}, { exitCode: 0, stopped: 'timeout' }),
      own({}, { exitCode: 1 }),
      'it ended with exit code 1, and with the end of its time before',
    ],
    [
      'a status',
      own({ statuses: { 200: 100 } }),
      own({ statuses: { 200: 95, 503: 5 } }),
      '5 answers with 503, and 0 before',
    ],
    ['an error', own(), own({ errors: { 'bad id': 2 } }), '2 errors "bad id", and 0 before'],
    [
      'a failed check',
      own(),
      own({}, {}, { failedChecks: { 'is mine': 4 } }),
      '4 failures of the check "is mine", and 0 before',
    ],
    ['a failed threshold', own(), own({}, {}, { failedThresholds: ['p(95)<200'] }), 'the threshold p(95)<200 failed'],
    [
      'errors that only its rows have',
      own(),
      own({}, {}, { rows: [{ name: 'a', requests: 1, errors: { timeout: 1 } }] }),
      '1 error "timeout", and 0 before',
    ],
    ['many more failures than before', own({ failures: 10 }), own({ failures: 40 }), '40 failures, and 10 before'],
  ])('%s', (_what, clean, mutated, evidence) => {
    expect(noticed(clean, mutated)).toEqual([evidence])
  })
})

describe('a script did not notice', () => {
  it.each<[string, OwnAccount, OwnAccount]>([
    ['when nothing changed', own(), own()],
    ['a run that failed before as well', own({}, { exitCode: 1 }), own({}, { exitCode: 1 })],
    [
      'when only its latency grew',
      own({ latency: { percentiles: [{ percentile: 99, valueMs: 3 }] } }),
      own({ latency: { percentiles: [{ percentile: 99, valueMs: 3000 }] } }),
    ],
    ['a few more failures than before, which chance explains', own({ failures: 10 }), own({ failures: 22 })],
    [
      'failures of a script that fails at random in both runs, where the first has few by chance',
      own({ failures: 2, requests: 400 }),
      own({ failures: 12, requests: 400 }),
    ],
    [
      'a verdict of a run that its tool calls invalid',
      { ...own(), tool: loadcell },
      { ...own({}, { exitCode: 98 }, { failedThresholds: ['p(95)<200'] }), tool: loadcell },
    ],
    [
      'as many failures in proportion, in a longer run',
      own({ failures: 10, requests: 100 }),
      own({ failures: 101, requests: 1000 }),
    ],
    ['when its time was over', own(), own({}, { exitCode: 130, stopped: 'timeout' })],
    [
      'failed checks that failed before',
      own({}, {}, { failedChecks: { a: 3 } }),
      own({}, {}, { failedChecks: { a: 3 } }),
    ],
    [
      'thresholds that failed before',
      own({}, {}, { failedThresholds: ['x'] }),
      own({}, {}, { failedThresholds: ['x'] }),
    ],
    ['when it does not report at all', { command: { exitCode: 0 } }, { command: { exitCode: 0 } }],
  ])('%s', (_what, clean, mutated) => {
    expect(noticed(clean, mutated)).toEqual([])
  })
})

describe('a miss proves nothing', () => {
  const invalid: OwnAccount = { ...own({}, { exitCode: 98 }), tool: loadcell }
  it.each<[string, OwnAccount, OwnAccount, number, string]>([
    ['in a run that its tool calls invalid', own(), invalid, 5, 'loadcell called this run invalid (exit code 98)'],
    [
      'after a run without faults that its tool calls invalid',
      invalid,
      { ...own(), tool: loadcell },
      5,
      'loadcell called its run without faults invalid (exit code 98)',
    ],
    [
      'when the report cannot be read',
      own(),
      { command: { exitCode: 0 } },
      5,
      'the report of this run could not be read',
    ],
    [
      'when thresholds had failed before',
      own({}, {}, { failedThresholds: ['p(95)<200'] }),
      own({}, {}, { failedThresholds: ['p(95)<200'] }),
      5,
      'the threshold p(95)<200 had failed without faults already',
    ],
    [
      'when it had ended badly before',
      own({}, { exitCode: 1 }),
      own({}, { exitCode: 1 }),
      5,
      'it had ended with exit code 1 without faults already',
    ],
    [
      'among as many failures as before',
      own({ failures: 30 }),
      own({ failures: 31 }),
      5,
      '30 failures without faults already, among which 5 more do not stand out',
    ],
  ])('%s', (_what, clean, mutated, injected, reason) => {
    expect(noticed(clean, mutated)).toEqual([])
    expect(hiddenBy(clean, mutated, injected)).toBe(reason)
  })
})

describe('a miss is one', () => {
  it.each<[string, OwnAccount, OwnAccount, number]>([
    ['when the run without faults was good', own(), own(), 5],
    ['when all that was injected would have stood out among failures', own({ failures: 3 }), own({ failures: 3 }), 40],
    ['where the script expects refusals', own({ statuses: { 401: 60 } }), own({ statuses: { 401: 62 } }), 5],
    ['when the command was stopped', own({}, { exitCode: 130, stopped: 'timeout' }), own(), 5],
  ])('%s', (_what, clean, mutated, injected) => {
    expect(hiddenBy(clean, mutated, injected)).toBeUndefined()
  })
})
