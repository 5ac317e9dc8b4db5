import { describe, expect, it } from 'vitest'
import { runReady } from './ready-scenario.ts'

describe('Socket.IO from the command line', () => {
  it('runs the lesson, in which one room is heard over polls and WebSockets', async () => {
    const { customMetrics = [], totals } = await runReady('socketio', ['--vus', '9', '--duration', '3s'])
    expect(JSON.stringify(customMetrics)).toContain('message_age')
    expect(totals.events).toMatchObject({ gaps: 0, duplicates: 0 })
  })
})
