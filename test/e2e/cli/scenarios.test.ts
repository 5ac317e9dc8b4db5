import { describe, expect, it } from 'vitest'
import { readyScenarios } from '../../../cli/scenario-file.ts'
import { loadcell } from './loadcell.ts'
import { runAnyhow, runReady } from './ready-scenario.ts'

/** Each ready scenario, as small and short as it can be. */
const options: Record<string, string[]> = {
  'mixed-streaming': ['--vus', '20', '--duration', '4s'],
  'order-producer': ['--rate', '100', '--duration', '4s'],
  'sse-consumer': ['--vus', '8', '--duration', '4s'],
  'batch-ingest': [],
  browse: ['--vus', '8', '--duration', '3s'],
  shop: ['--vus', '8', '--duration', '3s'],
  account: ['--vus', '10', '--duration', '15s'],
  tasks: ['--vus', '10', '--duration', '5s'],
  reports: ['--vus', '4', '--target-set', 'reports.duration=100ms'],
  chat: ['--profile', 'smoke', '--duration', '4s'],
  notifications: ['--vus', '18', '--duration', '3s'],
  'market-data': ['--vus', '10', '--duration', '4s'],
  collaboration: ['--vus', '15', '--duration', '4s'],
  'reconnect-storm': ['--vus', '30', '--duration', '7s'],
  'thundering-herd': ['--vus', '30', '--duration', '7s'],
  'fan-out': ['--vus', '127', '--duration', '5s'],
  'slow-consumers': [],
  'token-stampede': ['--vus', '20', '--duration', '15s'],
  'burst-backlog': ['--duration', '30s'],
  'hot-partition': ['--duration', '12s'],
  brownout: ['--rate', '40', '--duration', '15s'],
  'unhappy-paths': ['--vus', '8', '--duration', '8s'],
}

/** By coordinated-omission.test.ts, which looks closer. */
const runElsewhere = ['coordinated-omission', 'coordinated-omission-closed']

describe('the ready scenarios', () => {
  it('are all tested', () => {
    expect([...Object.keys(options), ...runElsewhere].toSorted()).toEqual(readyScenarios())
  })

  // Beside each other: most of the time nothing happens but the run's own pauses.
  it.concurrent.each(Object.keys(options))('%s: nothing fails, and both ends agree on everything', async name => {
    await runReady(name, options[name]!)
  })
})

/** All of them with all options: `npm run test:matrix`. */
describe('the ready scenarios in trouble', () => {
  it.concurrent.each([
    ['browse', 'brownout', 'rate_limited'],
    ['shop', 'flaky', 'garbled'],
    ['unhappy-paths', 'rate_limited', 'lost_answers'],
    ['chat', 'reconnect_storm', 'lossy_stream'],
    ['token-stampede', 'slow_identity', 'reconnect_storm'],
  ])('%s with %s and %s: no code of it throws, and both ends agree', async (name, ...presets) => {
    const faults = presets.flatMap(preset => ['--faults', preset])
    await runAnyhow(name, ['--vus', '12', '--duration', name === 'token-stampede' ? '15s' : '8s', ...faults])
  })

  it.concurrent.each([
    [
      'slow-consumers',
      ['--duration', '10s'],
      /expected a run of 35s at least, got 10s: one of a hundred reads nothing/,
    ],
    ['hot-partition', ['--profile', 'smoke'], /--profile smoke: expected a run of 12s at least, got 10s/],
    ['brownout', ['--faults', 'flaky'], /there are no phases: the run has no timeline of faults/],
    ['coordinated-omission', ['--duration', '2m'], /expected a run of 30s at most/],
  ] as const)('%s is refused with the reason under %j', async (name, options, reason) => {
    expect(await loadcell(['run', name, ...options])).toMatchObject({
      code: 104,
      output: expect.stringMatching(reason) as string,
    })
  })
})
