import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../../../harness/report/html.ts'
import { summaryLines } from '../../../../harness/report/summary.ts'
import { tagComparisonLines, tagComparisons } from '../../../../harness/report/tag-comparison.ts'
import type { CustomFigures, CustomMetricRow } from '../../../../harness/results/custom-metrics.ts'
import { passedRun } from './fixture.ts'

const counter = (total: number): CustomFigures => ({ kind: 'counter', total, perSecond: total / 10 })
const rate = (hits: number, total: number): CustomFigures => ({ kind: 'rate', hits, total })

function metric(name: string, byTag: CustomMetricRow['byTag']): CustomMetricRow {
  const overTime = { toMs: [], columns: [] } as unknown as CustomMetricRow['overTime']
  return {
    name,
    kind: 'counter',
    unit: 'count',
    description: '',
    better: 'lower',
    figures: counter(1),
    byTag,
    overTime,
  }
}

const heard = metric('heard', [
  { tag: 'protocol', value: 'stomp', figures: counter(1200) },
  { tag: 'protocol', value: 'grpc', figures: counter(7) },
])
const inOrder = metric('in_order', [{ tag: 'protocol', value: 'grpc', figures: rate(1, 2) }])

const user = (name: string) =>
  metric(name, [
    { tag: 'user', value: 'reader', figures: counter(1) },
    { tag: 'user', value: 'writer', figures: counter(2) },
  ])

describe('metrics with a tag in common', () => {
  it('stand side by side by its values', () => {
    expect(tagComparisonLines([heard, inOrder], 80)).toEqual([
      'protocol  heard  in_order',
      'stomp     1,200  –',
      'grpc      7      50.0 % of 2',
    ])
  })

  it('are shown in the summary and on the page of the report', () => {
    const result = { ...passedRun(), customMetrics: [heard, inOrder] }
    const summary = summaryLines(result, { stream: new PassThrough() }).join('\n')
    expect(summary).toMatch(/by tag +protocol  heard  in_order\n +stomp     1,200  –\n +grpc      7      50.0 % of 2/)
    expect(renderReport(result)).toContain('Metrics side by side by protocol')
  })

  it('end with the number of values that are left out', () => {
    const byTag = Array.from({ length: 10 }, (_, n) => ({ tag: 'shop', value: `s${n}`, figures: counter(n) }))
    const lines = tagComparisonLines([metric('a', byTag), metric('b', byTag)], 80)
    expect([lines.length, lines.at(-1)]).toEqual([10, 'and 2 more'])
  })

  it.each([
    ['is alone with the tag', [heard]],
    ['has one value of it', [inOrder, metric('other', inOrder.byTag)]],
    ['has only the tags that every sample has', [user('a'), user('b')]],
    ['has no tags', [metric('a', []), metric('b', [])]],
  ])('are not compared where a metric %s', (_what, metrics) => {
    expect(tagComparisons(metrics)).toEqual([])
  })
})
