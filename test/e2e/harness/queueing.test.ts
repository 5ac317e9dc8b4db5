import { expect, it, onTestFinished } from 'vitest'
import { checkQueueing } from '../../../calibration/stations/queueing-check.ts'
import { systemClock } from '../../../core/clock.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'

// How close a real run comes to theory is judged by the calibration, on an idle machine.
it('stations are compared with theory on a real run, and both ends count the same', { timeout: 60_000 }, async () => {
  const flags = { 'http.port': '0', 'log.level': 'silent' }
  const target = await startTarget(loadConfiguration({ env: {}, flags }))
  onTestFinished(() => target.close())
  const rows = await checkQueueing({
    targetUrl: target.url,
    clock: systemClock,
    seed: 7,
    stationMs: 800,
    level: 0.99,
    version: '0.0.0',
  })
  for (const model of ['M/M/1', 'M/M/4', 'M/D/1', 'M/M/2/6']) {
    const whats = rows.filter(({ what }) => what.startsWith(`${model}: `)).map(({ what }) => what)
    expect(whats).toContain(`${model}: mean wait`)
    expect(whats).toContain(
      model === 'M/M/2/6' ? `${model}: turned away` : `${model}: mean time at the station, as the harness saw it`,
    )
  }
  for (const { what, unit, theory, observed, interval, state } of rows) {
    expect(interval.low, what).toBeLessThanOrEqual(observed)
    expect(observed, what).toBeLessThanOrEqual(interval.high)
    if (unit !== 'count') continue
    expect(theory, what).toBeGreaterThan(0)
    expect(state, what).toBe('within')
  }
  // It removes the faults that it set.
  expect(await (await fetch(`${target.url}/_loadcell/capacity`)).json()).toEqual({ stations: [] })
})
