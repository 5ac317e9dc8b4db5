import { describe, expect, it } from 'vitest'
import type { AuditResult } from '../../../../../calibration/audit/audit-result.ts'
import { renderAudit } from '../../../../../calibration/audit/html/page.ts'
import type { ChartData } from '../../../../../harness/report/html/chart.ts'
import { bodyOf, strictnessErrors } from '../../../../support/self-contained-page.ts'
import { blindAudit, emptyAudit, trustworthyAudit, wrongAudit } from './fixture.ts'

const dataOf = (page: string) =>
  JSON.parse(
    /<script type="application\/json" id="chart-data">([\s\S]*?)<\/script>/.exec(page)?.[1] as string,
  ) as ChartData
const sectionOf = (result: AuditResult, id: string) =>
  new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(bodyOf(renderAudit(result)))?.[0] ?? ''
/** Text of each row of a table, its cells apart. */
const rowsOf = (markup: string) =>
  [...markup.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row = '']) =>
    row
      .replaceAll(/<\/t[hd]>/g, '|')
      .replaceAll(/<[^>]*>/g, '')
      .trim(),
  )

describe.each<[string, () => AuditResult]>([
  ['wrong', wrongAudit],
  ['true but blind', blindAudit],
  ['inconclusive', emptyAudit],
  ['trustworthy', trustworthyAudit],
])('the page of an audit: %s', (word, audit) => {
  const page = renderAudit(audit())

  it('is one strict file that fetches nothing', () => {
    expect(strictnessErrors(page)).toEqual([])
  })

  it('has every section, in the order in which it is read', () => {
    expect([...page.matchAll(/<section id="([a-z]+)"/g)].map(match => match[1])).toEqual([
      'findings',
      'reconciliation',
      'accounting',
      'spectrum',
      'charts',
      'mutations',
      'subject',
      ...(audit().tool === undefined ? [] : ['tool']),
      'reading',
    ])
  })

  it('is headed by the verdict and its sentence', () => {
    expect(page).toContain(`<h1>${word.toUpperCase()}</h1>`)
    expect(page).toContain(`<title>${word.toUpperCase()} · `)
    const why = /<p class="why">(.*?)<\/p>/.exec(page)?.[1] ?? ''
    expect(why.toLowerCase()).toBe(`${audit().verdict.sentence.toLowerCase()}.`)
  })

  it('shows no NaN, Infinity or undefined', () => {
    expect(bodyOf(page)).not.toMatch(/NaN|Infinity|undefined|\[object/)
  })

  it('names rows and columns for screen readers', () => {
    expect(page).not.toMatch(/<th(?![a-z])(?![^>]*scope=)/)
    expect(page.match(/<table/g)?.length).toBe(page.match(/<caption>/g)?.length)
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]+)"/g)) expect(page).toContain(`id="${id}"`)
  })

  it('escapes text from the tool, the command and the requests', () => {
    const block = /id="chart-data">([\s\S]*?)<\/script>/.exec(page)?.[1]
    expect(block).not.toContain('<')
    expect(page).not.toContain("<script>alert('x')")
    expect(page).not.toContain('<img src=x')
  })
})

describe('the text of an audit’s page', () => {
  it('lists the doubts that are not in the sentence', () => {
    const header = /<header[\s\S]*?<\/header>/.exec(renderAudit(emptyAudit()))?.[0]
    expect(header).toContain('<li>The command wrote no report.</li>')
    expect(header?.match(/sent no request/g)).toHaveLength(1)
  })

  it('shows three findings in full and folds the others', () => {
    const section = sectionOf(wrongAudit(), 'findings')
    expect(section.match(/<article/g)).toHaveLength(3)
    expect(section.match(/<details/g)).toHaveLength(1)
    const first = section.slice(section.indexOf('<article'), section.indexOf('</article>'))
    for (const words of [
      '✗ much harm',
      '980 of 2,000, 49.0 %',
      '<code>GET /api/v1/products?q=',
      '11:30:01.234 UTC',
      'answered with 200, products.list, connection 7, user:u-1',
      'Why first matters.',
      'What to do about first, with <code>--think</code>.',
    ])
      expect(first).toContain(words)
  })

  it('shows every judgement with its numbers and its reason', () => {
    const section = sectionOf(wrongAudit(), 'reconciliation')
    const total = section.slice(0, section.indexOf('<details'))
    expect(rowsOf(total)).toEqual([
      'Judgement|What|Tool|Truth|Difference|Reason|',
      '✗ wrong|requests|1,990|2,000|−10|10 are missing.|',
      '✓ agrees|failures|12|12|0||',
      '≈ explained|bytes received|1,203,000|1,000,000|+203,000|The tool counts heads too: 203 bytes a response.|',
      '· not compared|p99|–|4.50 ms|–|The tool prints it with --latency only.|',
    ])
  })

  it('unfolds an operation only where something is wrong', () => {
    const section = sectionOf(wrongAudit(), 'reconciliation')
    expect(section).toContain('<details class="scope" open><summary><strong>products.list</strong>')
    expect(section).toContain('<details class="scope"><summary><strong>products.get</strong>')
    expect(section).toContain('and 5 other names')
  })

  it('accounts for every request in bars of one scale', () => {
    const section = sectionOf(wrongAudit(), 'accounting')
    const bars = [...section.matchAll(/<svg class="bar"[\s\S]*?<\/svg>/g)].map(([bar]) =>
      [...bar.matchAll(/class="class-(\w+)" x="([\d.]+)" width="([\d.]+)"/g)].map(([, id, x, width]) => ({
        id,
        x: Number(x),
        width: Number(width),
      })),
    )
    expect(bars.map(bar => bar.map(({ id }) => id))).toEqual([
      ['counted', 'rejected', 'inFlight', 'late', 'missing'],
      ['counted', 'rejected', 'neverReceived'],
    ])
    for (const bar of bars) {
      for (const [index, { x }] of bar.entries())
        expect(x).toBeCloseTo(
          bar.slice(0, index).reduce((sum, { width }) => sum + width, 0),
          1,
        )
      expect(bar.at(-1)!.x + bar.at(-1)!.width).toBeLessThanOrEqual(1000)
    }
    expect(rowsOf(section)[1]).toBe('Counted by both|1,900|95.0 %|Received, handled by its operation, and reported.|')
    expect(section).toContain('the 2,000 requests that the target received')
    expect(section).toContain('And 40 more names.')
  })

  it('lays both spectra over each other, with a gap where the tool has no percentile', () => {
    const { nines, series } = dataOf(renderAudit(wrongAudit())).spectrum
    expect(nines).toEqual([0.301, 1, 2, 3, 3.301])
    expect(Object.fromEntries(series.map(({ label, values }) => [label, values[3]]))).toEqual({
      tool: null,
      target: expect.any(Number) as number,
      'from due': expect.any(Number) as number,
    })
    const { response: _, ...latency } = wrongAudit().latency
    const without = dataOf(renderAudit({ ...wrongAudit(), latency }))
    expect(without.spectrum.series.map(({ label }) => label)).toEqual(['tool', 'target'])
  })

  it('tables the percentiles for which there are enough requests', () => {
    const audit = wrongAudit()
    const point = (percentile: number) => ({ percentile, serviceMs: percentile, toolMs: 0 })
    audit.latency.spectrum = [0.1, 10, 50, 99.9, 99.99, 100].map(point)
    const rows = rowsOf(sectionOf(audit, 'spectrum')).slice(1)
    expect(rows.map(row => row.split('|')[0])).toEqual(['p50', 'p99.9', 'slowest'])
  })

  it('shows a second without requests as a gap, not as a latency of zero', () => {
    const { charts, seconds } = dataOf(renderAudit(wrongAudit()))
    expect(seconds).toEqual([0.5, 1.5, 2.5, 3.5, 4.5])
    expect(charts['arrivals']?.series[0]?.values).toEqual([500, 500, 0, 500, 500])
    expect(charts['service']?.series[0]?.values).toEqual([2, 2, null, 2, 2])
  })

  it('says of each mutation what showed it, or the check that would', () => {
    const section = sectionOf(blindAudit(), 'mutations')
    expect(section).toContain('The script noticed 1 of 3 mutations.')
    const [, noticed, missed, unreached, unclear] = rowsOf(section)
    expect(noticed).toMatch(/^✓ noticed\|5 % of requests were answered with 500\.\|61 more failures than without\./)
    expect(missed).toBe('✗ missed|Answers had an empty body.|Check that body is not empty.|455|')
    expect(unreached).toMatch(/^· not reached\|.*\|No request met it\.\|0\|$/)
    expect(unclear).toBe(
      '? unclear|One request in ten took longer.|The threshold p(95)&#60;200 had failed without faults already.|12|',
    )
    expect(section).toContain('<code>events-dropped</code> the script follows no stream')
    expect(sectionOf(wrongAudit(), 'mutations')).toContain('<code>--mutate</code>')
  })

  it('says what was run, safely quoted, and what the audit added', () => {
    const section = sectionOf(wrongAudit(), 'subject')
    expect(section).toContain('wrk -c 10 &#39;http://127.0.0.1:8080/products?q=it&#39;\\&#39;&#39;s ')
    expect(section).toContain('<code class="option">--latency</code>, so that wrk prints its percentiles.')
    expect(section).toContain('<dt>auth.tokenTtl</dt><dd><code>2s</code></dd>')
    expect(sectionOf(trustworthyAudit(), 'subject')).toContain('The run was over before the audit.')
  })
})
