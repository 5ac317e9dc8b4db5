import { expect, it } from 'vitest'
import { places } from '../../../../../harness/report/html/places.ts'
import { renderReport } from '../../../../../harness/report/html.ts'
import { passedRun, severalPlacesRun } from '../fixture.ts'

it('has a table of places with the numbers of each, in runs that have some', () => {
  const source = places(severalPlacesRun())!.source
  for (const words of ['data-value="eu-west">eu-west</th>', '>(none)</th>', '>13,200<', '>1,010<'])
    expect(source).toContain(words)
  expect(renderReport(severalPlacesRun())).toContain('<section id="places"')
  expect(places(passedRun())).toBeUndefined()
  expect(renderReport(passedRun())).not.toContain('id="places"')
})
