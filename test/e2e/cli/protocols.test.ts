import { describe, expect, it } from 'vitest'
import { runReady } from './ready-scenario.ts'

describe('all protocols from the command line', () => {
  it('one room is heard over five protocols, without a gap in any', async () => {
    const { thresholds, totals } = await runReady('protocols', ['--vus', '6', '--duration', '3s'])
    const heard = thresholds.filter(({ metric }) => metric.startsWith('bytes_heard'))
    expect(heard.map(({ metric, state }) => [metric, state])).toEqual(
      ['websocket', 'graphql', 'socketio', 'stomp', 'grpc'].map(protocol => [
        `bytes_heard{protocol:${protocol}}`,
        'passed',
      ]),
    )
    expect(totals.events).toMatchObject({ duplicates: 0 })
  })
})
