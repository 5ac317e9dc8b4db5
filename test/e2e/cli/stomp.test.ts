import { describe, expect, it } from 'vitest'
import { runReady } from './ready-scenario.ts'

describe('STOMP from the command line', () => {
  it('runs the lesson, in which refused jobs come again', async () => {
    const { customMetrics = [], totals } = await runReady('stomp', ['--vus', '12', '--duration', '3s'])
    expect(JSON.stringify(customMetrics)).toContain('jobs_done')
    expect(totals.events).toMatchObject({ gaps: 0, duplicates: 0 })
  })
})
