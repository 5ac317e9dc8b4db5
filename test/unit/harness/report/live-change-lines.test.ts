import { describe, expect, it } from 'vitest'
import { headlineOf } from '../../../../harness/report/headline.ts'
import { liveChangeLines } from '../../../../harness/report/live-change-lines.ts'
import { runSummary } from '../../../../harness/report/run-summary.ts'
import { summaryLines } from '../../../../harness/report/summary.ts'
import type { RunResult } from '../../../../harness/results/run-result.ts'
import { passedRun } from './fixture.ts'

const command = (atMs: number, label: string) => ({
  atMs,
  label,
  detail: 'It is done.',
  source: 'live control' as const,
})
const liveControl = {
  changes: [
    { atMs: 5000, kind: 'pause' as const },
    { atMs: 15_000, kind: 'resume' as const },
  ],
  pausedMs: 10_000,
  scheduleEndMs: 50_000,
}
const changed = (marks = [command(5000, 'pause'), command(15_000, 'resume')]): RunResult => ({
  ...passedRun(),
  marks: [{ atMs: 1000, label: 'disconnect', detail: 'The target closed 3 connections.' }, ...marks],
  liveControl,
})

describe('the changes of a run by live control', () => {
  it('are lines of the summary, without the disturbances of the scenario', () => {
    expect(liveChangeLines(changed(), 60)).toEqual([
      '0:05 pause',
      '0:15 resume',
      'paused for 0:10, which no rate counts',
    ])
    expect(summaryLines(changed())).toContain('control     0:05 pause')
    expect(liveChangeLines(passedRun(), 60)).toEqual([])
  })

  it('are counted from the eighth on', () => {
    const many = Array.from({ length: 11 }, (_, index) => command(index * 1000, 'pause'))
    expect(liveChangeLines(changed(many), 60).slice(7)).toEqual([
      '0:07 pause',
      'and 3 more',
      expect.stringContaining('paused for'),
    ])
  })

  it('change no verdict, but are told beside it, also to programs', () => {
    const { word, sentence } = headlineOf(changed())
    expect(word).toBe('PASSED')
    expect(sentence).toMatch(
      /agrees with what was measured\. It was changed while it ran, so its load is not the one that was planned\.$/,
    )
    expect(runSummary(changed(), undefined).liveControl).toEqual(liveControl)
    expect(runSummary(passedRun(), undefined)).not.toHaveProperty('liveControl')
  })
})
