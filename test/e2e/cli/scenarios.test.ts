import { describe, expect, it } from 'vitest'
import { readyScenarios } from '../../../cli/scenario-file.ts'
import { runReady } from './ready-scenario.ts'

/** Each ready scenario, as small and short as it can be. */
const options: Record<string, string[]> = {
  'mixed-streaming': ['--vus', '20', '--duration', '4s'],
  'order-producer': ['--rate', '100', '--duration', '4s'],
  'sse-consumer': ['--vus', '8', '--duration', '4s'],
  'batch-ingest': [],
  browse: ['--vus', '8', '--duration', '3s'],
  shop: ['--vus', '8', '--duration', '3s'],
  account: ['--vus', '10', '--duration', '15s'],
  tasks: ['--vus', '8', '--duration', '3s'],
  reports: ['--vus', '4', '--target-set', 'reports.duration=100ms'],
  chat: ['--vus', '15', '--duration', '3s'],
  notifications: ['--vus', '18', '--duration', '3s'],
  'market-data': ['--vus', '10', '--duration', '4s'],
  collaboration: ['--vus', '15', '--duration', '4s'],
  'reconnect-storm': ['--vus', '30', '--duration', '7s'],
  'thundering-herd': ['--vus', '30', '--duration', '7s'],
  'fan-out': ['--vus', '30', '--duration', '4s'],
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
  it('are all run here', () => {
    expect([...Object.keys(options), ...runElsewhere].toSorted()).toEqual(readyScenarios())
  })

  // Beside each other: most of the time nothing happens but the run's own pauses.
  it.concurrent.each(Object.keys(options))('%s: nothing fails, and both ends agree on everything', async name => {
    await runReady(name, options[name]!)
  })
})
