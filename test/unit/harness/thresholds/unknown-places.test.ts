import { expect, it } from 'vitest'
import { builtInVocabulary } from '../../../../harness/metrics/vocabulary.ts'
import { parseSelector } from '../../../../harness/thresholds/selector.ts'
import { parseExpression, type Threshold } from '../../../../harness/thresholds/threshold.ts'
import { unknownPlaces } from '../../../../harness/thresholds/unknown-places.ts'

function threshold(source: string): Threshold {
  const { metric, readings } = parseSelector(source)
  const expression = 'p(95)<200'
  return {
    source: { metric: source, expression },
    metric,
    readings,
    ...parseExpression(metric, expression, builtInVocabulary),
    abortOnFail: false,
    delayAbortEvalMs: 0,
  }
}

it('names thresholds of places where no worker is, and those that there are', () => {
  const thresholds = [threshold('http_req_duration'), threshold('http_req_duration{place:eu-west}')]
  expect(unknownPlaces(thresholds, ['eu-west', 'us-east'])).toEqual([])
  expect(unknownPlaces(thresholds, ['eu-west1', 'us-east'])).toEqual([
    'http_req_duration{place:eu-west}: there is no place "eu-west"; did you mean "eu-west1"?; there are "eu-west1", "us-east"',
  ])
  expect(unknownPlaces(thresholds, [])).toEqual([
    'http_req_duration{place:eu-west}: there is no place "eu-west"; the run has no places (--place names one)',
  ])
})
