import { describe, expect, it } from 'vitest'
import { stageLines, stageText } from '../../../../harness/report/stage-lines.ts'
import type { StageReport } from '../../../../harness/results/stage-report.ts'

const done: StageReport = {
  state: 'completed',
  detail: '',
  durationMs: 1234.5,
  requests: 3,
  failedRequests: 0,
  errors: [],
}

describe('stageText', () => {
  it('says how many requests were sent, and how long they took', () => {
    expect(stageText(done)).toBe('3 requests in 1.2s')
  })

  it('says how many requests failed, and why the most frequent one did', () => {
    const errors = [
      { reason: 'refused', name: '/x', count: 2, example: 'ECONNREFUSED', firstMs: 0, lastMs: 1 } as const,
    ]
    expect(stageText({ ...done, failedRequests: 2, errors: [...errors] })).toBe(
      '3 requests, 2 failed in 1.2s · the connection was refused: ECONNREFUSED',
    )
  })

  it('says first why the stage itself failed', () => {
    expect(stageText({ ...done, state: 'failed', detail: 'The setup threw Error: no.' })).toBe(
      'The setup threw Error: no. 3 requests in 1.2s',
    )
  })
})

describe('stageLines', () => {
  it('has no line for a stage that never began', () => {
    expect(stageLines(undefined, 80)).toEqual([])
  })

  it('has lines that fit, without control characters of a response', () => {
    const detail = `The setup threw Error: \u001b[31m${'word '.repeat(30)}`
    const lines = stageLines({ ...done, state: 'failed', detail }, 40)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40)
    expect(lines.join('')).not.toContain('\u001b')
  })
})
