import { describe, expect, it } from 'vitest'
import { bothEnds } from './ends.ts'
import { hasEngine } from './engine.ts'
import { unexplained } from './unexplained.ts'

const policy = 'drop_oldest'

describe.skipIf(!hasEngine())('slow consumers of a target with 256 MB', () => {
  const ends = bothEnds()

  it('harm neither the fast nor the target, and every event is accounted for', async () => {
    const target = await ends.startTarget({
      'streams.slowConsumer.policy': policy,
      'streams.slowConsumer.budgetBytes': String(256 * 1024),
    })
    const harness = await ends.startHarness('slow-consumers', ['--warmup', '1s'])

    const exitCode = await harness.exitCode()

    const state = await target.state()
    expect(state).toMatchObject({ running: true, outOfMemory: false })

    const result = harness.result()
    // A shared machine may make the generator late, and the run says so; everything else would be a defect.
    expect([0, 98, 99]).toContain(exitCode)
    expect(result.outcome.state).toBe('completed')
    expect(result.thresholds.filter(({ metric }) => metric.startsWith('event_gaps'))).toMatchObject([
      { metric: 'event_gaps{user:fast}', state: 'passed' },
      { metric: 'event_gaps{user:slow}', state: 'passed' },
    ])
    expect(result.reconciliation.rows.filter(({ difference }) => difference !== 0)).toEqual([])
    expect(result.reconciliation.state).toBe('agrees')

    const ledger = await target.ledger(result.run.id)
    expect(ledger.streams.closed).not.toHaveProperty('slow_consumer')
    expect(ledger.events.dropped[policy]).toBeGreaterThan(0)
    // The slow are two, and it is they that events were taken from.
    const losers = ledger.consumers.filter(({ dropped }) => dropped > 0)
    expect(losers).toHaveLength(2)
    expect(losers.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(ledger.events.dropped[policy])
    expect(ledger.streams.deliveries.map(({ stream }) => stream)).toEqual(['telemetry'])
    expect(unexplained(ledger)).toEqual([])
  })
})
