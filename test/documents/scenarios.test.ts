import { describe, expect, it } from 'vitest'
import type { RunResult } from '../../harness/results/run-result.ts'
import { readyScenarios } from '../../cli/loading/ready-scenarios.ts'
import { runReady } from '../e2e/cli/ready-scenario.ts'

/** Options that make each ready scenario as small and short as its lesson allows. */
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
  graphql: ['--vus', '9', '--duration', '4s'],
  grpc: ['--vus', '12', '--duration', '6s'],
  stomp: ['--vus', '12', '--duration', '4s'],
  socketio: ['--vus', '9', '--duration', '4s'],
  protocols: ['--vus', '6', '--duration', '4s'],
  notifications: ['--vus', '18', '--duration', '3s'],
  'market-data': ['--vus', '10', '--duration', '4s'],
  collaboration: ['--vus', '15', '--duration', '4s'],
  'reconnect-storm': ['--vus', '30', '--duration', '7s'],
  'thundering-herd': ['--vus', '30', '--duration', '7s'],
  'fan-out': ['--vus', '127', '--duration', '5s'],
  'slow-consumers': [],
  'token-stampede': ['--vus', '20', '--duration', '15s'],
  'burst-backlog': ['--duration', '30s'],
  'flash-sale': ['--duration', '6s'],
  'hot-partition': ['--duration', '12s'],
  handshakes: ['--duration', '4s'],
  'language-model': ['--rate', '6', '--duration', '5s'],
  brownout: ['--rate', '40', '--duration', '15s'],
  'nightly-import': ['--duration', '6s'],
  'unhappy-paths': ['--vus', '8', '--duration', '8s'],
}

/** Checks of what a lesson shows in its result. */
const lessons: Record<string, (result: RunResult) => void> = {
  'flash-sale'({ loads, thresholds }) {
    expect(loads?.map(({ load }) => load)).toEqual(['browsing', 'sale'])
    expect(thresholds.filter(({ metric }) => metric.includes('load:sale'))).toHaveLength(2)
  },
  graphql({ customMetrics }) {
    expect(customMetrics?.map(({ name }) => name)).toContain('refusals_by_status')
  },
  grpc({ customMetrics, totals }) {
    expect(customMetrics?.map(({ name }) => name)).toContain('dashboard_gaps')
    expect(totals.events).toMatchObject({ duplicates: 0, outOfOrder: 0 })
    expect(totals.streams.opened).toBeGreaterThan(0)
  },
  protocols({ thresholds, totals }) {
    const heard = thresholds.filter(({ metric }) => metric.startsWith('bytes_heard'))
    expect(heard.map(({ metric, state }) => [metric, state])).toEqual(
      ['websocket', 'graphql', 'socketio', 'stomp', 'grpc'].map(protocol => [
        `bytes_heard{protocol:${protocol}}`,
        'passed',
      ]),
    )
    expect(totals.events).toMatchObject({ duplicates: 0 })
  },
  socketio({ customMetrics, totals }) {
    expect(customMetrics?.map(({ name }) => name)).toContain('message_age')
    expect(totals.events).toMatchObject({ gaps: 0, duplicates: 0 })
  },
  stomp({ customMetrics, totals }) {
    expect(customMetrics?.map(({ name }) => name)).toContain('jobs_done')
    expect(totals.events).toMatchObject({ gaps: 0, duplicates: 0 })
  },
}

/** Scenarios that coordinated-omission.test.ts covers in more detail. */
const runElsewhere = ['coordinated-omission', 'coordinated-omission-closed']

describe('the ready scenarios', () => {
  it('are all tested', () => {
    expect([...Object.keys(options), ...runElsewhere].toSorted()).toEqual(readyScenarios())
  })

  it.each(Object.keys(options))(
    'run without unexpected failures, and both ends agree on everything: %s',
    async name => {
      const result = await runReady(name, options[name]!)
      lessons[name]?.(result)
    },
  )
})
