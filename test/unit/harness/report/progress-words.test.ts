import { describe, expect, it } from 'vitest'
import { changedTexts } from '../../../../harness/report/progress-words.ts'

describe('changedTexts', () => {
  it('names what is paused or scaled, and leaves out what the phase says already', () => {
    const sale = { load: 'sale', isPaused: true, factor: 0.5 }
    expect(changedTexts({ phase: 'running', changed: [sale] })).toEqual([
      'sale paused',
      'sale scaled to 0.50 × the plan',
    ])
    expect(changedTexts({ phase: 'paused', changed: [{ load: undefined, isPaused: true, factor: 1 }] })).toEqual([])
    expect(changedTexts({ phase: 'running', changed: [] })).toEqual([])
  })
})
