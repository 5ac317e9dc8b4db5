import { describe, expect, it } from 'vitest'
import { bothEnds } from './ends.ts'
import { hasEngine } from './engine.ts'

describe.skipIf(!hasEngine())('target and harness in two containers', () => {
  const ends = bothEnds()

  it('reconciles to the last event under CPU and memory limits', async () => {
    await ends.startTarget()
    const harness = await ends.startHarness('mixed-streaming', ['--duration', '15s'])

    const exitCode = await harness.exitCode()

    const result = harness.result()
    expect(result.reconciliation.rows.filter(({ difference }) => difference !== 0)).toEqual([])
    expect(result.reconciliation.state).toBe('agrees')
    expect(result.totals.events.accepted).toBeGreaterThan(100)
    expect(result.totals.events.delivered).toBeGreaterThan(result.totals.events.accepted)
    expect(result.totals.failedRequests).toBe(0)
    // A shared machine may make the generator late, and the run says so; everything else would be a defect.
    expect([0, 98, 99]).toContain(exitCode)
    expect(harness.report()).toContain('mixed-streaming')
  })

  it('says that the target was lost when it is killed in mid-run, and still reports', async () => {
    const target = await ends.startTarget()
    const harness = await ends.startHarness('mixed-streaming', ['--duration', '60s', '--warmup', '1s'])
    const run = await target.runOf('mixed-streaming')
    await expect.poll(async () => (await target.ledger(run)).events.delivered, LONG).toBeGreaterThan(100)
    await target.docker.kill()

    const exitCode = await harness.exitCode()

    const result = harness.result()
    expect(exitCode).toBe(97)
    expect(result.outcome.state).toBe('target_lost')
    expect(result.outcome.detail).not.toBe('')
    expect(result.errors.length).toBeGreaterThan(0)
    expect(result.reconciliation.state).toBe('unavailable')
    expect(result.run.durationMs).toBeLessThan(55_000)
    expect(harness.report()).toContain('lost')
  })

  it('does not run as root, and passes its own health check', async () => {
    const target = await ends.startTarget()
    expect(await target.exec('id', '-u')).not.toBe('0')
    await expect.poll(async () => (await target.state()).health, LONG).toBe('healthy')
  })

  it('keeps the control plane closed to others without the token', async () => {
    const target = await ends.startTarget()
    expect((await fetch(`${await target.url(8080)}/_loadcell/config`)).status).toBe(403)
    expect(await target.ask('/config')).toHaveProperty('seed')
  })
})

const LONG = { timeout: 30_000, interval: 500 }
