import { describe, expect, it } from 'vitest'
import type { ChartData } from '../../../../../harness/report/html/chart.ts'
import { bodyOf, strictnessErrors, textOf } from '../../../../support/self-contained-page.ts'
import { hostile } from '../fixture.ts'
import { comparedSide as side, pageOf } from './fixture.ts'

const dataOf = (page: string) =>
  JSON.parse(
    /<script type="application\/json" id="chart-data">([\s\S]*?)<\/script>/.exec(page)?.[1] as string,
  ) as ChartData

describe('the page of a comparison', () => {
  const slower = pageOf(side('base'), side('new', { medians: { '/orders': 14, '/products': 5 } }))

  it('has the answer first, then the verdict on each statistic and the curves', () => {
    expect(slower).toMatch(/<h1>WORSE<\/h1>/)
    expect(textOf(slower)).toMatch(/Of 11 statistics, \d got worse/)
    expect([...slower.matchAll(/<section id="([a-z-]+)"/g)].map(([, id]) => id)).toEqual([
      'verdicts',
      'names',
      'charts',
      'spectrum',
      'runs',
      'reading',
    ])
  })

  it('has the values, the change and its interval for each name', () => {
    const row = slower.split('<tr>').find(each => textOf(each).includes('name:/orders} p(50)'))!
    expect(textOf(row)).toMatch(
      /✗ worse .*p\(50\) \+[34]\d\.\d % \+[34]\d\.\d to \+[34]\d\.\d % \d+\.\d+ ms 1[34]\.\d ms \d\.\d+ %/,
    )
    expect(row).toContain('<svg class="interval"')
  })

  it('lays both sides over each other: throughput and p95 over time, and response times by percentile', () => {
    const { seconds, charts, spectrum } = dataOf(slower)
    expect(seconds).toEqual(Array.from({ length: 10 }, (_, second) => second + 0.5))
    for (const series of [charts['throughput']?.series, charts['response']?.series, spectrum.series])
      expect(series?.map(({ label }) => label)).toEqual([
        'base',
        'base, lowest',
        'base, highest',
        'new',
        'new, lowest',
        'new, highest',
      ])
    const median = (label: string) => spectrum.series.find(each => each.label === label)?.values[6]
    expect(median('new')).toBeGreaterThan(median('base')! * 1.1)
  })

  it.each([
    ['BETTER', side('base'), side('new', { medians: { '/orders': 5, '/products': 5 } })],
    ['CANNOT TELL', side('base', { deviation: 0.3 }), side('new', { deviation: 0.3 })],
  ])('says %s', (word, base, other) => {
    expect(pageOf(base, other)).toContain(`<h1>${word}</h1>`)
  })

  it('names what was not compared, and the conditions that differ', () => {
    const other = side('new', { medians: { '/orders': 10, '/carts': 5 } }).map(run => ({
      ...run,
      environment: { ...run.environment, node: 'v26.0.0' },
    }))
    const text = textOf(pageOf(side('base'), other))
    expect(text).toContain('not compared: http_req_duration{method:GET,name:/products} p(50)')
    expect(text).toContain(
      'the Node differs: v24.21.0 in base-1/result.json and 3 more; v26.0.0 in new-1/result.json and 3 more',
    )
  })

  it('says what is missing if there is neither a timeline nor a response', () => {
    const empty = (name: string) => side(name, { seconds: undefined as never }).map(run => ({ ...run, series: [] }))
    const text = textOf(pageOf(empty('base'), empty('new')))
    expect(text).toContain('Nothing can be compared: no statistic is in every run.')
    expect(text).toContain('The results have no timeline.')
    expect(text).toContain('Some run has no response times.')
  })

  it('is one strict file that fetches nothing, and shows no NaN', () => {
    for (const page of [slower, pageOf(side('a', { failed: 1 }), side('b', { failed: 0 }))]) {
      expect(strictnessErrors(page)).toEqual([])
      expect(bodyOf(page)).not.toMatch(/NaN|Infinity|undefined|\[object/)
    }
    expect(Buffer.byteLength(slower)).toBeLessThan(300_000)
  })

  it('escapes what came with the results', () => {
    const named = (name: string) =>
      side(name, { medians: { [hostile]: 10, '/b': 5 } }).map(run => ({
        ...run,
        run: { ...run.run, scenario: hostile },
      }))
    const page = pageOf(named('base'), named('new'))
    expect(page).not.toContain("<script>alert('x')")
    expect(page).not.toContain('<img src=x')
    expect(page).toContain('&#60;script&#62;alert(&#39;x&#39;)')
  })
})
