import { describe, expect, it } from 'vitest'
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

/** Scenarios that coordinated-omission.test.ts covers in more detail. */
const runElsewhere = ['coordinated-omission', 'coordinated-omission-closed']

describe('the ready scenarios', () => {
  it('are all tested', () => {
    expect([...Object.keys(options), ...runElsewhere].toSorted()).toEqual(readyScenarios())
  })

  it.each(Object.keys(options))(
    'run without unexpected failures, and both ends agree on everything: %s',
    async name => {
      await runReady(name, options[name]!)
    },
  )
})
