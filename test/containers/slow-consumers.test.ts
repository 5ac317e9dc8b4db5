import { describe, expect, it } from 'vitest'
import { bothEnds } from './ends.ts'
import { hasEngine } from './engine.ts'
import { unexplained } from './unexplained.ts'

const policy = 'drop_oldest'
const FAST = 30
const SLOW = 2

describe.skipIf(!hasEngine())('slow consumers of a target with 256 MB', () => {
  const ends = bothEnds()

  it('harm neither the fast nor the target, and every event is accounted for', async () => {
    const target = await ends.startTarget({
      'streams.slowConsumer.policy': policy,
      'streams.slowConsumer.budgetBytes': String(256 * 1024),
    })
    const harness = await ends.startHarness(new URL('scenarios/slow-readers.ts', import.meta.url), ['--warmup', '0'])

    const exitCode = await harness.exitCode()

    expect(await target.state()).toMatchObject({ running: true, outOfMemory: false })
    const result = harness.result()
    // A shared machine may make the generator late, and the run says so; everything else would be a defect.
    expect([0, 98]).toContain(exitCode)
    expect(result.outcome.state).toBe('completed')
    expect(result.thresholds.map(({ state }) => state)).toEqual(['passed', 'passed'])
    expect(result.reconciliation.rows.filter(({ difference }) => difference !== 0)).toEqual([])
    expect(result.reconciliation.state).toBe('agrees')

    const ledger = await target.ledger(result.run.id)
    expect(ledger.streams.opened).toBe(FAST + SLOW)
    expect(ledger.streams.closed).toEqual({ client: FAST + SLOW })
    // It is the slow that events were taken from, and from nobody else.
    const losses = ledger.consumers.map(({ dropped }) => dropped).filter(dropped => dropped > 0)
    expect(losses).toHaveLength(SLOW)
    expect(losses.reduce((sum, dropped) => sum + dropped, 0)).toBe(ledger.events.dropped[policy])
    const [telemetry, ...others] = ledger.streams.deliveries
    expect(others).toEqual([])
    expect(telemetry).toMatchObject({ stream: 'telemetry', dropped: ledger.events.dropped })
    expect(unexplained(ledger)).toEqual([])
  })
})
