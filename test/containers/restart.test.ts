import { describe, expect, it } from 'vitest'
import { bothEnds } from './ends.ts'
import { hasEngine } from './engine.ts'
import { unexplained } from './unexplained.ts'

const PATIENCE = { timeout: 60_000, interval: 200 }
const WAVE = 150
const READERS = 5
const MEMBERS = 2

describe.skipIf(!hasEngine())('a target that is killed in mid-run, and one that takes its place', () => {
  const ends = bothEnds()

  it('account for every event, and tell all consumers that the second target started a new epoch', async () => {
    const first = await ends.startTarget({ 'feed.orders': '0' })
    // Already up, as a run gives a target up that is away for longer than some machines take to start one.
    const second = await ends.startStandIn({ 'feed.orders': '0' })
    const scenario = new URL('scenarios/before-and-after.ts', import.meta.url)
    const harness = await ends.startHarness(scenario, ['--warmup', '0'])
    const run = await first.runOf('before-and-after')
    await expect.poll(async () => (await first.ledger(run)).events.delivered, PATIENCE).toBe(READERS * WAVE)
    const before = await first.ledger(run)

    await first.docker.kill({ signal: 'SIGKILL' })
    await second.stepIn()

    const exitCode = await harness.exitCode()
    const result = harness.result()
    expect(result.outcome.state).toBe('completed')
    expect([0, 98]).toContain(exitCode)
    expect(result.thresholds.map(({ state }) => state)).toEqual(['passed', 'passed', 'passed'])
    expect(result.totals.streams).toMatchObject({ reconnects: READERS, resets: READERS })
    expect(result.totals.sockets).toMatchObject({ reconnects: MEMBERS })
    expect(result.totals.events.accepted).toBe(2 * WAVE)
    expect(result.consumers.map(({ received }) => received)).toEqual(Array(READERS).fill(2 * WAVE))

    const after = await second.ledger(run)
    expect(after.boot).not.toBe(before.boot)
    for (const ledger of [before, after]) {
      expect(ledger.events).toMatchObject({ accepted: WAVE, delivered: READERS * WAVE, dropped: {}, unsent: 0 })
      expect(unexplained(ledger)).toEqual([])
    }
    expect(after.streams.reset).toBe(READERS)

    expect(result.reconciliation.state).toBe('unavailable')
    expect(result.reconciliation.summary).toContain('restarted during the run')
    expect(harness.report()).toContain('restarted during the run')
  })
})
