import { describe, expect, it } from 'vitest'
import { labs } from '../../../labs/course.ts'
import { defaultSettings } from '../../../labs/lab-input.ts'

describe('each lab of the course', () => {
  it.each(labs.map(lab => [lab.name, lab] as const))(
    '%s asks for a prediction, and explains in plain texts',
    (_, lab) => {
      const asked = [...(lab.curves ?? []), ...Object.values(lab.measures).filter(({ ask }) => ask !== undefined)]
      expect(asked.length).toBeGreaterThan(0)
      for (const { ask } of asked) expect(ask).toMatch(/\?$/)
      expect(lab.question.ask).toMatch(/[?.]$/)
      expect(lab.question.options.length).toBeGreaterThan(1)
      for (const text of [...lab.story, lab.question.because, lab.next]) expect(text).toMatch(/^[A-Z0-9].*[.?]$/s)
    },
  )

  it.each(labs.map(lab => [lab.name, lab] as const))('%s has settings within their bounds', (_, { settings }) => {
    for (const { value, min, max } of Object.values(settings)) {
      expect(value).toBeGreaterThanOrEqual(min)
      expect(value).toBeLessThanOrEqual(max)
    }
  })

  const drawn = labs.flatMap(lab => (lab.curves ?? []).map(curve => [lab.name, lab, curve] as const))

  it('about the knee, servers, variability and omission has a curve to draw', () => {
    expect([...new Set(drawn.map(([name]) => name))]).toEqual(['knee', 'servers', 'variability', 'omission'])
  })

  it.each(drawn)(
    '%s has a formula for each point of its curve, from left to right',
    (_, lab, { points, y, formula }) => {
      const settings = defaultSettings(lab)
      const theory = lab.theory!(settings)
      for (const { measure, x } of points) {
        expect(lab.measures[measure]).toMatchObject({ unit: y.unit })
        expect(lab.measures[measure]).not.toHaveProperty('ask')
        expect(theory[measure], measure).toBeGreaterThanOrEqual(0)
        if (formula !== undefined) expect(formula(settings, x), measure).toBeCloseTo(theory[measure]!, 6)
      }
      const places = points.map(({ x }) => x)
      expect(places).toEqual([...places].sort((a, b) => a - b))
    },
  )
})
