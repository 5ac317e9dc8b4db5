import { describe, expect, it } from 'vitest'
import { labs } from '../../../labs/course.ts'

describe('each lab of the course', () => {
  it.each(labs.map(lab => [lab.name, lab] as const))(
    '%s asks for a prediction, and explains in plain texts',
    (_, lab) => {
      const asked = Object.values(lab.measures).filter(({ ask }) => ask !== undefined)
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
})
