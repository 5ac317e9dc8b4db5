import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { capacityFiles } from '../../../../harness/report/capacity/files.ts'
import { capacityPage } from '../../../../harness/report/capacity/page.ts'
import { curvePicture } from '../../../../harness/report/capacity/picture.ts'
import { plotFigure } from '../../../../harness/report/capacity/plot.ts'
import { capacityLines, probeLine } from '../../../../harness/report/capacity/summary.ts'
import { findingsOf, formatLoad, formatLoads } from '../../../../harness/report/capacity/words.ts'
import { capacityProbe } from '../../../support/capacity-probe.ts'
import { capacityResult, probesOf } from '../../../support/capacity-result.ts'

const stream = new PassThrough()
const oneLine = (lines: string[]) => lines.join(' ').replaceAll(/\s+/g, ' ')

describe('the summary of a search', () => {
  it('has the answer with its interval, and every finding', () => {
    const text = oneLine(capacityLines(capacityResult(), { stream }))
    expect(text).toMatch(
      /shop: 1\d\d\/s The highest load that meets the objective is 1\d\d\/s \(1\d\d\/s to 1\d\d\/s with 95\.0 % probability\), after 8 probes\./,
    )
    expect(text).toContain('objective http_req_duration p(95)<50')
    expect(text).toContain('generator kept up with every probe')
    expect(text).toMatch(/scalability λ .* σ 0\.5 \(0\.5…0\.5\), κ 0 \(0…0\); at most 200 requests\/s/)
    expect(text).toContain('first to degrade GET /orders<b> at 137/s')
    expect(text).toContain('cost 8 probes in 1m 30s, 9,000 requests')
  })

  it('says how wide the interval is, and what it would take, if the time was over', () => {
    const result = capacityResult({
      state: 'out_of_time',
      probes: probesOf([50, 190]),
      cost: { moreProbes: 6, moreMs: 75_000 },
    })
    const text = oneLine(capacityLines(result, { stream }))
    expect(text).toMatch(/±\d+\.\d % instead of ±5\.00 %\)/)
    expect(text).toContain('about 6 more probes (1m 15s) would do')
  })

  it('compares the answer with theory where there is one', () => {
    const theory = {
      station: 'database',
      model: 'M/M/1',
      kneeLoad: 200,
      load: 140,
      error: 0.01,
      remarks: ['1.0 ms outside of the station are allowed for'],
    } as const
    const rows = new Map(findingsOf({ ...capacityResult(), theory: { ...theory, remarks: [...theory.remarks] } }))
    expect(rows.get('theory')).toBe(
      'station database (M/M/1) is full at 200/s and meets the objective up to 140/s (the search is off by +1.00 %, within the interval); 1.0 ms outside of the station are allowed for',
    )
  })

  it('says that a proxy was between, and that certificates were not checked', () => {
    const result = capacityResult()
    expect(findingsOf(result).map(([name]) => name)).not.toContain('connections')
    const subject = { ...result.subject, insecure: true, proxy: 'http://proxy:3128' } as const
    const rows = new Map(findingsOf({ ...result, subject }))
    expect(rows.get('connections')).toBe('through the proxy http://proxy:3128, certificates not checked')
  })

  it('says what is known when the search ends early', () => {
    const text = oneLine(
      capacityLines(capacityResult({ state: 'interrupted', probes: probesOf([50, 100]) }), { stream }),
    )
    expect(text).toContain('shop: No answer 100/s met the objective.')
  })

  it('says that an answer is beyond what was measured', () => {
    const result = capacityResult({ state: 'out_of_time', probes: probesOf([50, 141]) })
    const capacity = { estimate: 150, interval: { level: 0.95, low: 120, high: 180 } }
    const text = oneLine(capacityLines({ ...result, capacity }, { stream }))
    expect(text).toContain('It is beyond the highest load that was measured, 141/s.')
  })

  it('does not say that the generator kept up with every probe if it was too slow in one', () => {
    const { margin: _, ...slow } = capacityProbe({ load: 50, state: 'generator_limit' })
    const rows = new Map(findingsOf(capacityResult({ probes: [slow, ...probesOf([50, 100, 190])] })))
    expect(rows.get('generator')).toBe('was too slow in 1 probe, but kept up with as much load in another')
  })

  it('has no ratio for a response time that did not rise before it bent', () => {
    const result = capacityResult()
    const rows = new Map(
      findingsOf({ ...result, curve: { ...result.curve, inflection: { load: 140, steeper: 1000 } } }),
    )
    expect(rows.get('latency')).toBe('p95 bends at 140/s and rises much more steeply from there')
  })

  it('has no range between the same two numbers of users', () => {
    const result = capacityResult()
    const subject = { ...result.subject, unit: 'users' as const }
    const capacity = { estimate: 7, interval: { level: 0.95, low: 7, high: 7 } }
    expect(oneLine(capacityLines({ ...result, subject, capacity }, { stream }))).toContain(
      'is 7 users (with 95.0 % probability)',
    )
  })

  it('has the reason instead of an answer', () => {
    expect(oneLine(capacityLines(capacityResult({ state: 'none_meet', probes: probesOf([190]) }), { stream }))).toMatch(
      /shop: No load meets it No load down to --min \(1\) meets the objective/,
    )
  })
})

describe('a line for each probe', () => {
  it.each([
    ['meets', /^✓ {2}1 {6}120\/s {2}http_req_duration p\(95\) 20\.0 ms · 120 requests\/s, p95 20\.0 ms · meets it$/],
    ['growing', /^✗ .* · fails: its queue grows$/],
    ['unclear', /^\? .* · too close to call$/],
    ['generator_limit', /^! .* · invalid: the generator was the bottleneck$/],
  ] as const)('shows a probe that is "%s"', (state, expected) => {
    const probe = capacityProbe({ load: 120, state })
    expect(probeLine(probe, 1, { unit: 'iterations per second' }, { stream })).toMatch(expected)
  })

  it('shows failures, users and a probe that was not steady', () => {
    const probe = capacityProbe({ load: 1, failedShare: 0.1, steadiness: { state: 'rising', cut: 0 } })
    const line = probeLine(probe, 12, { unit: 'users' }, { stream })
    expect(line).toContain('12     1 user')
    expect(line).toContain('10.0 % failed · rising')
    expect(formatLoad(7.6, { unit: 'users' })).toBe('7 users')
    expect(formatLoads({ level: 0.95, low: 6.2, high: 8.9 }, { unit: 'users' })).toBe('6–8 users')
    expect(formatLoads({ level: 0.95, low: 7.2, high: 7.9 }, { unit: 'users' })).toBe('7 users')
    expect(formatLoads({ level: 0.95, low: 137, high: 142 }, { unit: 'iterations per second' })).toBe('137–142/s')
  })
})

describe('the picture of the curve', () => {
  it('has a dot for each probe, and a line at the limit', () => {
    const picture = curvePicture(capacityResult())
    const text = picture.join('\n')
    expect(text).toContain('50.0 ms │')
    expect(text).toMatch(/50\.0\/s +190\/s/)
    expect(text.match(/●/g)?.length).toBeGreaterThanOrEqual(3)
    expect(Math.max(...picture.map(line => line.length))).toBeLessThanOrEqual(80)
  })

  it('shows loads where the throughput is always the same', () => {
    const probes = probesOf([50, 100, 190]).map(probe => ({ ...probe, iterationsPerSecond: 20 }))
    const text = curvePicture(capacityResult({ probes })).join('\n')
    expect(text).toMatch(/50\.0\/s +190\/s/)
    expect(text).toContain('load; ●')
  })

  it('needs two probes', () => {
    expect(curvePicture(capacityResult({ probes: probesOf([50]) }))).toEqual([])
  })
})

/** Returns the part of the page that is not shared with other reports. */
const mainOf = (page: string) => /<main[^>]*>([^]*)<\/main>/.exec(page)![1]!

describe('the page of a search', () => {
  const page = mainOf(capacityPage(capacityResult()))

  it('has plots as drawings with the objective, the interval and every probe, and escapes names', () => {
    expect(page.match(/<svg class="plot-svg"/g)).toHaveLength(3)
    expect(page.match(/<circle class="probe/g)).toHaveLength(3 * 8)
    expect(page).toContain('class="limit"')
    expect(page).toContain('class="interval"')
    expect(page).toContain('class="line fit"')
    expect(page).not.toContain('/orders<b>')
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('shows the answer of theory beside that of the search', () => {
    const theory = { station: 'db', model: 'M/M/1', kneeLoad: 200, load: 140, remarks: [] } as const
    const withTheory = mainOf(capacityPage({ ...capacityResult(), theory: { ...theory, remarks: [] } }))
    expect(page).not.toContain('class="mark"')
    expect(withTheory.match(/class="mark"/g)).toHaveLength(1)
  })

  it('loads nothing, and has a row for each probe', () => {
    expect(page).not.toMatch(/(?:src|href)="https?:/)
    expect(page.split('id="probes"')[1]?.split('</table>')[0]?.match(/<tr>/g)).toHaveLength(9)
  })

  it('can be made of a search that saw nothing', () => {
    const empty = mainOf(capacityPage(capacityResult({ state: 'interrupted', probes: [] })))
    expect(empty).toContain('No answer')
    expect(empty).not.toMatch(/NaN|undefined|Infinity/)
  })
})

describe('a plot', () => {
  it('keeps every point within the drawing, on even and on logarithmic axes', () => {
    for (const most of [5, 5000]) {
      const points = [1, 2, most].map(x => ({ x, y: x, kind: 'meets', title: '' }))
      const { source } = plotFigure({ id: 'a', title: 'A', note: '', xLabel: 'x', yLabel: 'y', points, lines: [] })
      const places = [...source.matchAll(/c[xy]="([\d.]+)"/g)].map(([, place]) => Number(place))
      expect(places).toHaveLength(6)
      expect(Math.min(...places)).toBeGreaterThan(0)
      expect(Math.max(...places)).toBeLessThan(560)
    }
  })
})

it('the files of a search are its page first and its result last', () => {
  expect([...capacityFiles.keys()]).toEqual(['capacity.html', 'capacity.json'])
  expect(JSON.parse(capacityFiles.get('capacity.json')!(capacityResult()))).toMatchObject({
    format: 'loadcell.capacity/1',
  })
})
