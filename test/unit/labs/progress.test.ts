import { expect, it, vi } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { watched } from '../../../labs/progress.ts'
import type { LabBench } from '../../../labs/lab.ts'

it('a watched bench counts its loads, tells of each, and doubts those whose generator could not keep up', async () => {
  const states = ['valid', 'invalid']
  const measure = vi.fn(() => Promise.resolve({ validity: { state: states.shift() } }))
  const bench = { targetUrl: '', clock: systemClock, seed: 1, version: '', measure } as unknown as LabBench
  const told: unknown[] = []
  const doubt = vi.fn()
  const { measure: run } = watched(bench, ({ load, plannedMs }) => told.push([load, plannedMs]), doubt)
  for (const plannedMs of [1000, 2000]) await run!({ plannedMs } as never, {} as never)
  expect(told).toEqual([
    [1, 1000],
    [2, 2000],
  ])
  expect(doubt.mock.calls).toEqual([[2]])
})
