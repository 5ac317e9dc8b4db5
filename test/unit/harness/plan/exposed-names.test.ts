import { expect, it } from 'vitest'
import { metrics } from '../../../../harness/metrics/catalog.ts'
import { emptyValue } from '../../../../harness/metrics/series.ts'
import { exposedNames, noteClashes } from '../../../../harness/plan/exposed-names.ts'
import { Inspector } from '../../../../harness/plan/inspector.ts'
import { familiesOf } from '../../../../harness/report/exposition/families.ts'
import { exposedText } from '../../../../harness/report/exposition/text.ts'
import { counter, gauge, rate, trend } from '../../../../harness/scenario.ts'
import { recordedRun } from '../report/formats/recorded-run.ts'
import { exposedResult } from '../../../../harness/report/exposition/exposed-run.ts'

/** Returns the names of the families in the exported text, without the prefix. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/^# TYPE loadcell_(\w+) \w+$/gm)].map(([, name = '']) => name.replace(/_total$/, ''))
}

const ofEachKind = [
  counter('a'),
  counter('a2', { unit: 'bytes' }),
  rate('b'),
  trend('c'),
  trend('c2', { unit: 'items' }),
  trend('c3', { unit: 'bytes' }),
  gauge('d'),
]

it.each(ofEachKind.map(metric => [metric.name, metric] as const))(
  'The names of %s are those of the exported text.',
  (_name, metric) => {
    const value = emptyValue(metric.kind)
    if (value.kind === 'gauge') value.set(0, 3, 1)
    const run = {
      id: '',
      scenario: '',
      version: '',
      targetUrl: '',
      profile: undefined,
      seed: 1,
      startedAt: 0,
      durationMs: 0,
    }
    const families = familiesOf({
      run,
      thresholds: [],
      customMetrics: [metric],
      series: [{ metric: metric.name, tags: {}, value }],
    })
    const own = families.filter(({ name }) => !name.startsWith('run'))
    const names = namesIn(exposedText(own, { format: 'prometheus', histograms: true }))
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter(name => !exposedNames(metric).includes(name))).toEqual([])
  },
)

it('Every name in the exported text of a run is refused for a metric of the scenario.', () => {
  const exposed = exposedResult(recordedRun())
  const names = namesIn(exposedText(familiesOf(exposed), { format: 'openmetrics', histograms: true }))
  expect(names).toContain('run_duration_seconds')
  const free = names.filter(name => {
    const inspector = new Inspector()
    noteClashes(inspector, [{ path: '', metric: counter(name) }])
    return inspector.errors.length === 0
  })
  expect(free).toEqual([])
  expect(Object.keys(metrics).length).toBeGreaterThan(0)
})
