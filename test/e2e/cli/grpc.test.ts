import { describe, expect, it } from 'vitest'
import { runReady } from './ready-scenario.ts'

describe('gRPC from the command line', () => {
  it('runs the lesson, in which a slow reader loses events and no call fails', async () => {
    const { customMetrics = [], totals } = await runReady('grpc', ['--vus', '12', '--duration', '6s'])
    expect(JSON.stringify(customMetrics)).toContain('dashboard_gaps')
    expect(totals.events).toMatchObject({ duplicates: 0, outOfOrder: 0 })
    expect(totals.streams.opened).toBeGreaterThan(0)
  })
})
