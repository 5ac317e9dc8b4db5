import { describe, expect, it } from 'vitest'
import type { LedgerReport } from '../../contract/ledger.ts'
import { testTarget } from '../e2e/target/support.ts'
import { hasLocust, runLocust } from './locust.ts'

const load = { users: 10, usersPerSecond: 5, seconds: 60 }

/** A target each: the scripts name no run, so that their counts would mix. */
const runs = [
  { script: 'shop.py', target: await testTarget() },
  { script: 'reporting.py', target: await testTarget() },
  { script: 'task_board.py', target: await testTarget() },
]

describe.skipIf(!hasLocust())('a Locust script that was written for some API of this kind', () => {
  it.concurrent.each(runs)('$script runs without a failure, and counts what the ledger counts', async run => {
    const { code, output, requests, failures } = await runLocust(run.script, run.target.url, load)
    expect(failures, output).toBe(0)
    expect(code, output).toBe(0)
    expect(requests.size, output).toBeGreaterThan(3)

    const ledger = await run.target.settledLedger()
    expect(Object.fromEntries(requests)).toEqual(arrivals(ledger))
    expect(ledger.operations.map(({ aborted }) => aborted)).toEqual(ledger.operations.map(() => 0))
  })
})

function arrivals({ operations }: LedgerReport): Record<string, number> {
  return Object.fromEntries(operations.map(({ operation, arrivals }) => [operation, arrivals]))
}
