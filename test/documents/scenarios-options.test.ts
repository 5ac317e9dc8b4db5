import { describe, expect, it } from 'vitest'
import { loadcell } from '../e2e/cli/loadcell.ts'
import { runAnyhow } from '../e2e/cli/ready-scenario.ts'

/** `npm run test:matrix` runs every scenario with every option. */
describe('a ready scenario with options', () => {
  it.each([
    ['browse', 'brownout', 'rate_limited'],
    ['shop', 'flaky', 'garbled'],
    ['unhappy-paths', 'rate_limited', 'lost_answers'],
    ['chat', 'reconnect_storm', 'lossy_stream'],
    ['token-stampede', 'slow_identity', 'reconnect_storm'],
  ])('survives faults without an exception, and both ends agree: %s with %s and %s', async (name, ...presets) => {
    const faults = presets.flatMap(preset => ['--faults', preset])
    await runAnyhow(name, ['--vus', '12', '--duration', name === 'token-stampede' ? '15s' : '8s', ...faults])
  })

  it.each([
    [
      'slow-consumers',
      ['--duration', '10s'],
      /expected a run of 35s at least, got 10s: one of a hundred reads nothing/,
    ],
    ['hot-partition', ['--profile', 'smoke'], /--profile smoke: expected a run of 12s at least, got 10s/],
    ['brownout', ['--faults', 'flaky'], /there are no phases: the run has no timeline of faults/],
    ['coordinated-omission', ['--duration', '2m'], /expected a run of 30s at most/],
  ] as const)('is rejected with the reason if it cannot show its lesson: %s with %j', async (name, options, reason) => {
    expect(await loadcell(['run', name, ...options])).toMatchObject({
      code: 104,
      output: expect.stringMatching(reason) as string,
    })
  })
})
