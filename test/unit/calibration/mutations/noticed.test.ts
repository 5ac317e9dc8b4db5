import { describe, expect, it } from 'vitest'
import type { ToolReport } from '../../../../calibration/audit/tool-report.ts'
import { noticed, type OwnAccount } from '../../../../calibration/mutations/noticed.ts'

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
    ['failures where there were none', own(), own({ failures: 1 }), 'failures: 1, and 0 before'],
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
      'answers with 503: 5, and 0 before',
    ],
    ['an error', own(), own({ errors: { 'bad id': 2 } }), 'errors "bad id": 2, and 0 before'],
    [
      'a failed check',
      own(),
      own({}, {}, { failedChecks: { 'is mine': 4 } }),
      'failures of the check "is mine": 4, and 0 before',
    ],
    ['a failed threshold', own(), own({}, {}, { failedThresholds: ['p(95)<200'] }), 'the threshold p(95)<200 failed'],
    [
      'errors that only its rows have',
      own(),
      own({}, {}, { rows: [{ name: 'a', requests: 1, errors: { timeout: 1 } }] }),
      'errors "timeout": 1, and 0 before',
    ],
    ['many more failures than before', own({ failures: 10 }), own({ failures: 40 }), 'failures: 40, and 10 before'],
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
    ['a few more failures than before, which chance explains', own({ failures: 10 }), own({ failures: 14 })],
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
