import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { labs } from '../../../labs/course.ts'
import type { Lab, LabUnit } from '../../../labs/lab.ts'
import { type LabProgress, watched } from '../../../labs/progress.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'

/** Settings that make a lab short. Its formulas hold for them as well. */
const short: Record<string, number> = { seconds: 2, samples: 20, clients: 60, orders: 60 }

/** How far a short run may be from its formula. Times grow on a busy machine, so they only have a lower limit. */
function isPlausible(theory: number, measured: number, unit: LabUnit): boolean {
  if (unit === 'ms') return measured >= 0.3 * theory
  if (unit === 'share') return Math.abs(measured - theory) < 0.25
  return measured >= theory / 2.5 - 5 && measured <= theory * 2.5 + 12
}

describe('the labs', () => {
  const cases: [string, Lab][] = labs.map(lab => [lab.name, lab])

  it('are twenty, each with its own name', () => {
    expect(new Set(labs.map(({ name }) => name)).size).toBe(20)
  })

  it.each(cases)('%s can be planned with each setting at both bounds, and with fractions', async (_, lab) => {
    const target = await startTarget(loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'silent' } }))
    const measure = () => Promise.reject(new Error('it was planned'))
    const bench = { targetUrl: target.url, clock: systemClock, seed: 1, version: '0.0.0', measure }
    const defaults = Object.fromEntries(Object.entries(lab.settings).map(([name, { value }]) => [name, value]))
    const most = Object.fromEntries(Object.entries(lab.settings).map(([name, { max }]) => [name, max]))
    const least = Object.fromEntries(Object.entries(lab.settings).map(([name, { min }]) => [name, min]))
    const fractions = Object.entries(lab.settings).flatMap(([name, { unit, min, max }]) =>
      unit === 'count' ? [] : [{ ...defaults, [name]: min + 0.37 * (max - min) }],
    )
    try {
      for (const settings of [most, least, ...fractions]) {
        const problem = await lab.run(bench, settings).then(String, (error: Error) => error.message)
        expect({ settings, problem }).toEqual({ settings, problem: 'it was planned' })
      }
    } finally {
      await target.close()
    }
  })

  it('the cache of a short run is as full as that of a long one', async () => {
    const target = await startTarget(loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'silent' } }))
    const bench = { targetUrl: target.url, clock: systemClock, seed: 1, version: '0.0.0' }
    try {
      const { hits } = await labs
        .find(({ name }) => name === 'caches')!
        .run(bench, { places: 500, products: 1000, seconds: 1 })
      expect(hits).toBeGreaterThan(0.38)
      expect(hits).toBeLessThan(0.62)
    } finally {
      await target.close()
    }
  })

  it.each(cases)('%s measures everything, near its formulas, and its question has an answer', async (_, lab) => {
    // Rules and stations of other labs would change its numbers.
    const target = await startTarget(loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'silent' } }))
    const bench = { targetUrl: target.url, clock: systemClock, seed: 1, version: '0.0.0' }
    try {
      const entries = Object.entries(lab.settings)
      const settings = Object.fromEntries(
        entries.map(([name, { value, min }]) => [name, Math.max(min, short[name] ?? value)]),
      )
      const told: LabProgress[] = []
      const measured = await lab.run(
        watched(bench, progress => told.push(progress)),
        settings,
      )
      const { loads = 1 } = lab
      expect([...new Set(told.map(({ load }) => load))]).toEqual(Array.from({ length: loads }, (_, index) => index + 1))
      expect(Object.keys(measured).sort()).toEqual(Object.keys(lab.measures).sort())
      expect(Object.entries(measured).filter(([, value]) => !Number.isFinite(value))).toEqual([])
      const theory = lab.theory?.(settings) ?? {}
      const off = Object.entries(theory).filter(
        ([name, value]) => !isPlausible(value as number, measured[name] as number, lab.measures[name]!.unit),
      )
      expect(off.map(([name, value]) => ({ name, theory: value, measured: measured[name] }))).toEqual([])
      expect(lab.question.options[lab.question.answer(measured, settings)]).toBeDefined()
      const { rules } = (await (await fetch(`${target.url}/_loadcell/faults`)).json()) as { rules: unknown[] }
      expect(rules).toEqual([])
    } finally {
      await target.close()
    }
  })
})
