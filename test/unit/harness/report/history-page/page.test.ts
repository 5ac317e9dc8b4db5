import { describe, expect, it } from 'vitest'
import { renderHistory } from '../../../../../harness/report/history-page/page.ts'
import { hostile } from '../fixture.ts'
import { historyOfDays, newerRuns, releasedHistory } from '../history-fixture.ts'
import { bodyOf, strictnessErrors, textOf } from '../../../../support/self-contained-page.ts'

describe('the page of a history', () => {
  const page = renderHistory(releasedHistory())

  it('has the answer first, and the change with its run', () => {
    expect(page).toContain('<h1>WORSE</h1>')
    expect(textOf(page)).toMatch(
      /✗ worse http_req_duration\{method:GET,name:\/orders} p\(50\) \+[12]\d\.\d % \+[12]\d\.\d to \+[12]\d\.\d % 2026-12-05 09:30 run-15\/result\.json commit=c15/,
    )
  })

  it('has a chart for each statistic, those that changed first and open', () => {
    const charts = [...page.matchAll(/<svg class="trend"[^>]*aria-label="([^"]*)"/g)].map(([, label]) => label!)
    expect(charts).toHaveLength(11)
    expect(charts[0]).toMatch(/over 24 runs: [\d.]+ ms, then [\d.]+ ms; 1 changes|over 24 runs/)
    const folded = page.indexOf('without a change</summary>')
    const orders = page.indexOf('name:/orders} p(50) over')
    expect(orders).toBeGreaterThan(0)
    expect(orders).toBeLessThan(folded)
    expect(page.indexOf('name:/products} p(50) over')).toBeGreaterThan(folded)
  })

  it('has a point for each run, which tells its value, time and tags', () => {
    const chart = page.slice(page.indexOf('name:/orders} p(50) over'))
    const svg = chart.slice(0, chart.indexOf('</svg>'))
    expect(svg.match(/<circle/g)).toHaveLength(24)
    expect(svg).toMatch(/<title>[\d.]+ ms · 2026-11-20 09:30 · run-0\/result\.json · commit=c0<\/title>/)
    expect(svg.match(/class="mark"/g)).toHaveLength(1)
    expect(svg.match(/class="level"/g)).toHaveLength(2)
  })

  it('keeps every drawing within its frame', () => {
    const numbers = [...page.matchAll(/ (?:cx|cy|x1|x2|y1|y2)="([^"]*)"/g)].map(([, value]) => Number(value))
    expect(numbers.length).toBeGreaterThan(100)
    expect(numbers.filter(value => !(value >= 0 && value <= 480))).toEqual([])
  })

  it('has a section for each group, and says what differs and what was left out', () => {
    const text = textOf(renderHistory(historyOfDays(4, {}, newerRuns(3), [{ path: 'x', reason: 'x is empty' }])))
    expect(text).toContain('There are 2 groups')
    expect(text).toContain('the Node differs: v26.0.0 in group 1; v24.21.0 in group 2')
    expect(text).toContain('Left out x is empty')
  })

  it('says TOO FEW RUNS of a single one, and STEADY of many that are alike', () => {
    expect(renderHistory(historyOfDays(1))).toContain('<h1>TOO FEW RUNS</h1>')
    expect(renderHistory(historyOfDays(12))).toContain('<h1>STEADY</h1>')
  })

  it('is one strict file that fetches nothing, and shows no NaN', () => {
    for (const each of [page, renderHistory(historyOfDays(1)), renderHistory(historyOfDays(9, { failed: 1 }))]) {
      expect(strictnessErrors(each)).toEqual([])
      expect(bodyOf(each)).not.toMatch(/NaN|Infinity|undefined|\[object/)
    }
  })

  it('escapes what came with the results', () => {
    const named = renderHistory(historyOfDays(9, { medians: { [hostile]: 10, '/b': 5 }, tags: { [hostile]: hostile } }))
    expect(named).not.toContain("<script>alert('x')")
    expect(named).not.toContain('<img src=x')
    expect(named).toContain('&#60;script&#62;alert(&#39;x&#39;)')
  })
})
