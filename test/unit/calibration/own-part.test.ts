import { expect, it } from 'vitest'
import { ownPart } from '../../../calibration/own-part.ts'
import { counter, harnessSide } from './sides.ts'

it('leaves a result without other hosts as it is', () => {
  const result = harnessSide()
  expect(ownPart(result)).toBe(result)
})

it('leaves out everything at other hosts, in the series and in the totals', () => {
  const result = {
    ...harnessSide(),
    series: [
      counter('sse_events', { name: '/a' }, 3),
      counter('sse_events', { name: 'api:/a', host: 'api' }, 5),
      counter('tokens_issued', { host: 'api' }, 7),
    ],
  }
  const { series, totals } = ownPart(result)
  expect(series).toHaveLength(1)
  expect({ delivered: totals.events.delivered, tokens: totals.tokens.issued }).toEqual({ delivered: 3, tokens: 0 })
})
