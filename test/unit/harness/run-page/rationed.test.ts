import { describe, expect, it } from 'vitest'
import { Rationed } from '../../../../harness/run-page/rationed.ts'

describe('rationed work', () => {
  it('is due again when it has taken its share of the time', () => {
    let nowMs = 0
    const ration = new Rationed({ now: () => nowMs }, 0.01)
    expect(ration.isDue).toBe(true)
    expect(ration.do(() => (nowMs += 3))).toBe(3)
    nowMs = 302
    expect(ration.isDue).toBe(false)
    nowMs = 303
    expect(ration.isDue).toBe(true)
  })
})
