import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { LedgerReport } from '../../contract/ledger.ts'
import { type TestTarget, testTarget } from '../e2e/target/support.ts'
import { hasLocust, hasLocustWithSockets, type LocustLoad, type LocustRun, runLocust } from './locust.ts'

const ambient = { 'feed.orders': '5', 'feed.inventory': '5', 'feed.pricing': '5' }

/** A target each: the scripts name no run, so that their counts would mix. */
async function targetsOf(scripts: string[], flags?: Record<string, string>) {
  return Promise.all(scripts.map(async script => ({ script, target: await testTarget(flags) })))
}

describe.skipIf(!hasLocust())('a Locust script that was written for some API of this kind', async () => {
  const runs = [
    ...(await targetsOf(['shop.py', 'reporting.py', 'task_board.py'])),
    ...(await targetsOf(['event_stream.py'], ambient)),
  ]

  it.concurrent.each(runs)('$script runs without a failure, and counts what the ledger counts', async run => {
    const users = 10
    const locust = await runWithout(run, { users, usersPerSecond: 5, seconds: 25 })
    expect(locust.requests.size, locust.output).toBeGreaterThan(3)

    const ledger = await run.target.settledLedger()
    const counted: Record<string, number> = Object.fromEntries(locust.requests)
    const arrived = arrivals(ledger)
    expect(Object.keys(counted).toSorted()).toEqual(Object.keys(arrived).toSorted())
    const uncounted = Object.entries(arrived).map(([operation, count]) => count - (counted[operation] ?? 0))
    // When it stops, Locust leaves out what is under way, at most one request of each user.
    expect(Math.min(...uncounted)).toBe(0)
    expect(uncounted.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(users)
    expect(ledger.operations.map(({ aborted }) => aborted)).toEqual(ledger.operations.map(() => 0))
  })
})

describe.skipIf(!hasLocustWithSockets())('a Locust script that takes the next frame for the answer', async () => {
  const scripts = ['chat_rooms.py', 'account_alerts.py', 'quote_ticker.py', 'shared_notes.py']
  const runs = await targetsOf(scripts)

  it.concurrent.each(runs)('$script runs without a failure, and counts what the ledger counts', async run => {
    const locust = await runWithout(run, { users: 20, usersPerSecond: 10, seconds: 20 })

    const ledger = await settledSockets(run.target)
    expect(Object.fromEntries(locust.requests)).toEqual(arrivals(ledger))
    const [endpoint, ...others] = ledger.sockets.endpoints
    expect(others).toEqual([])
    const { operation, opened, closed, received, refusals, dropped } = endpoint!
    expect({ [operation]: received }).toEqual(Object.fromEntries(locust.framesSent))
    expect(received).toBeGreaterThan(100)
    expect(closed).toEqual({ client: opened })
    expect({ refusals, dropped }).toEqual({ refusals: {}, dropped: {} })
  })
})

/** A run, held to have been without a failure. */
async function runWithout(
  { script, target }: { script: string; target: TestTarget },
  load: LocustLoad,
): Promise<LocustRun> {
  const locust = await runLocust(script, target.url, load)
  expect(locust.failures, locust.output).toBe(0)
  expect(locust.code, locust.output).toBe(0)
  return locust
}

async function settledSockets(target: TestTarget): Promise<LedgerReport> {
  for (;;) {
    const ledger = await target.settledLedger()
    if (ledger.sockets.open === 0) return ledger
    await delay(5)
  }
}

function arrivals({ operations }: LedgerReport): Record<string, number> {
  return Object.fromEntries(operations.map(({ operation, arrivals }) => [operation, arrivals]))
}
