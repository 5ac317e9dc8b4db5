import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../../core/clock.ts'
import { monitorGenerator } from '../../../../harness/metrics/generator-monitor.ts'

it('tells of a process that stood still, even if its event loop ran on time before and afterwards', async () => {
  const monitor = monitorGenerator(systemClock, { idleSpinMs: 0 })
  onTestFinished(() => monitor.close())
  // More than a hundred turns, so that the standstill is beyond the 99th percentile.
  await sleep(1500)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200)
  await sleep(500)
  expect(monitor.read().eventLoopDelayP99Ms).toBeGreaterThan(1000)
})

it('tells of a standstill when it is read in the first turn after it, once', async () => {
  const monitor = monitorGenerator(systemClock, { idleSpinMs: 0 })
  onTestFinished(() => monitor.close())
  await sleep(200)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200)
  expect(monitor.read().eventLoopDelayP99Ms).toBeGreaterThan(1000)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200)
  expect(monitor.read().eventLoopDelayP99Ms).toBeGreaterThan(1000)
  await sleep(200)
  expect(monitor.read().eventLoopDelayP99Ms).toBeLessThan(1000)
})
