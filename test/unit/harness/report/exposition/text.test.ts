import { expect, it } from 'vitest'
import { Histogram } from '../../../../../core/histogram.ts'
import { textParts } from '../../../../../harness/report/exposition/text.ts'
import { parseOpenMetrics } from '../formats/open-metrics-parser.ts'

it('writes both forms of a distribution as it was at one moment, even if it grows while they are written', () => {
  const times = new Histogram()
  times.record(10)
  const family = { name: 'some', type: 'distribution', unit: 'seconds', help: '', points: [[{}, times]] } as const
  let text = ''
  for (const part of textParts([family], { format: 'openmetrics', histograms: true })) {
    text += part
    times.record(20)
  }
  const [summary, histogram] = parseOpenMetrics(text)
  const counts = [...(summary?.samples ?? []), ...(histogram?.samples ?? [])]
    .filter(({ name, labels }) => name.endsWith('_count') || labels['le'] === '+Inf')
    .map(({ value }) => value)
  expect(counts).toEqual([2, 2, 2])
})
