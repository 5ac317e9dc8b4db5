import { expect, it, onTestFinished } from 'vitest'
import { halfReadCases } from '../../../calibration/harness/counts/half-read.ts'
import { countRows } from '../../../calibration/harness/counts/counts.ts'
import { inRecorder } from '../../../calibration/harness/defects/plant.ts'
import { harnessTargetSettings } from '../../../calibration/harness/target-settings.ts'
import { startEmbeddedTarget } from '../../../cli/target/embedded-target.ts'
import { systemClock } from '../../../core/clock.ts'

it.each(halfReadCases(1))(
  '$name: both ends agree, and only because the harness counts the response as cut off',
  async each => {
    const target = await startEmbeddedTarget(harnessTargetSettings)
    onTestFinished(() => target.stop())
    const bench = { clock: systemClock, seed: 1, version: '0.0.0', targetUrl: target.url, level: 0.99 }
    const rows = await countRows({ ...bench, size: 'quick' }, [each])
    expect(rows.filter(({ state }) => state !== 'within')).toEqual([])
    expect(rows).toHaveLength(1)

    const measure = inRecorder(recorder => ({
      add: (metric, ...sample) => (metric === 'http_req_cut' ? undefined : recorder.add(metric, ...sample)),
    }))
    const [untold] = await countRows({ ...bench, size: 'quick', measure }, [each])
    expect(untold).toMatchObject({ state: 'outside', observed: 1 })
    expect(untold?.what).toMatch(/products\.get bytes received: harness \d+, ledger 340$/)
  },
  // Each starts a target of its own.
  300_000,
)
