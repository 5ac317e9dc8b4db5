import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { RunResult } from '../../../../harness/results/run-result.ts'
import type { ChartData, ChartViews } from '../../../../harness/report/html/chart.ts'
import { renderReport } from '../../../../harness/report/html.ts'
import { customRun } from './custom-run.ts'
import {
  brownoutRun,
  differingRun,
  emptyRun,
  failedRun,
  hostile,
  invalidRun,
  lagRun,
  limitedRun,
  passedRun,
  second,
  socketRun,
  stormRun,
} from './fixture.ts'

const scriptBlocks = (page: string) =>
  [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(match => match[1] as string)
const styleBlocks = (page: string) => [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(match => match[1] as string)
const dataOf = (page: string) =>
  JSON.parse(
    /<script type="application\/json" id="chart-data">([\s\S]*?)<\/script>/.exec(page)?.[1] as string,
  ) as ChartData
const policyOf = (page: string) => /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] as string
const hashOf = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`
/** The page without what is ours, not the run's. */
const bodyOf = (page: string) => page.slice(page.indexOf('<body>')).replace(/<script[\s\S]*?<\/script>/g, '')
const sectionIds = (page: string) => [...page.matchAll(/<section id="([a-z]+)"/g)].map(match => match[1])

const runs: [string, () => RunResult][] = [
  ['failed', failedRun],
  ['passed', passedRun],
  ['empty', emptyRun],
  ['differing', differingRun],
  ['invalid', invalidRun],
  ['custom', customRun],
]

describe.each(runs)('the report of a run: %s', (_, run) => {
  const page = renderReport(run())

  it('allows exactly its own style and script', () => {
    expect(scriptBlocks(page)).toHaveLength(1)
    expect(styleBlocks(page)).toHaveLength(1)
    const policy = policyOf(page).split('; ')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain(`script-src ${scriptBlocks(page).map(hashOf).join(' ')}`)
    expect(policy).toContain(`style-src ${styleBlocks(page).map(hashOf).join(' ')}`)
  })

  it('contains nothing that a strict policy would block, and fetches nothing', () => {
    const markup = page.replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
    expect(markup.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]+\s(style|on[a-z]+)=/)
    expect(markup).not.toMatch(/<(img|iframe|object|embed|base)\b/)
    const addresses = [...markup.matchAll(/<[^>]+\s(?:src|href|action)="([^"]*)"/g)].map(match => match[1] as string)
    expect(addresses.filter(address => !address.startsWith('#'))).toEqual(['data:,'])
    for (const address of addresses.filter(each => each.startsWith('#')))
      expect(markup).toContain(`id="${address.slice(1)}"`)
    expect(styleBlocks(page)[0]).not.toMatch(/@import|url\(/)
  })

  it('has every section, in the order in which it is read', () => {
    const ofScenario = ['metrics', 'groups', 'tagged']
    expect(sectionIds(page).filter(id => !ofScenario.includes(id!))).toEqual([
      'thresholds',
      'validity',
      'reconciliation',
      'charts',
      'spectrum',
      'server',
      'names',
      // Of what a run did not do there is nothing to say.
      ...(run().users.length > 0 ? ['users'] : []),
      'work',
      ...(run().totals.events.published > 0 ? ['events', 'connections'] : []),
      'errors',
      'checks',
      'run',
      'reading',
    ])
  })

  it('shows no NaN, Infinity or undefined', () => {
    expect(bodyOf(page)).not.toMatch(/NaN|Infinity|undefined|\[object/)
  })

  it('stays small', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(250_000)
  })
})

describe('the text of the report', () => {
  it('escapes text from the scenario and the target', () => {
    const run = failedRun()
    run.run.scenario = hostile
    run.run.tags = { [hostile]: hostile }
    run.outcome = { state: 'interrupted', detail: hostile }
    run.reconciliation.summary = hostile
    const page = renderReport(run)
    expect(page).not.toContain("<script>alert('x')")
    expect(page).not.toContain('<img src=x')
    expect(page).toContain('&#60;script&#62;alert(&#39;x&#39;)')
    expect(page).toContain('&#38; &#34;quoted&#34;')
  })

  it('keeps the data block inside its element, whatever it contains', () => {
    const run = failedRun()
    const page = renderReport(run)
    const block = page.slice(page.indexOf('id="chart-data">') + 'id="chart-data">'.length)
    expect(block.slice(0, block.indexOf('</script>'))).not.toContain('<')
    expect(dataOf(page).charts['throughput']?.series[0]?.values).toEqual(
      run.timeline.map(point => point.requestsPerSecond),
    )
  })

  it.each([
    ['FAILED', failedRun, 'event_e2e_latency should satisfy p(99)&#60;150 and was 187 ms'],
    ['PASSED', passedRun, 'All 4 thresholds held'],
    ['FAILED', emptyRun, '<p class="why">http://127.0.0.1:9 cannot be reached: the connection was refused.</p>'],
    ['INVALID', differingRun, 'Harness and ledger differ on 2 of 5 counts'],
    [
      'INVALID',
      invalidRun,
      'Did the generator have CPU time to spare? 97 % of one core on average, expected at most 90 % of one core.',
    ],
  ])('heads the page with %s and the reason', (word, run, reason) => {
    const page = renderReport(run())
    expect(page).toContain(`<h1>${word}</h1>`)
    expect(page.slice(0, page.indexOf('class="tiles"'))).toContain(reason)
    expect(page).toContain(`<title>${word} · `)
  })

  it('gives a threshold without data a state of its own', () => {
    const page = renderReport(failedRun())
    expect(page).toContain('<span class="state no-data">∅ no data</span>')
    expect(page).toContain('A threshold without data counts as failed')
    expect(renderReport(passedRun())).not.toContain('A threshold without data')
  })

  it('draws the margin to the left of the limit when there is room and to the right when there is none', () => {
    const page = renderReport(failedRun())
    expect(page).toMatch(/class="margin passed"[\s\S]*?class="reach" x="8\.5" y="3" width="31\.5"/)
    expect(page).toMatch(/class="margin failed"[\s\S]*?class="reach" x="40\.0" y="3" width="10\.0"/)
  })

  it('shows the counts that differ and folds the others', () => {
    const page = renderReport(differingRun())
    const section = page.slice(page.indexOf('<section id="reconciliation"'), page.indexOf('<section id="charts"'))
    const [open, folded] = section.split('<details>') as [string, string]
    expect(open).toContain('−47')
    expect(open).toContain('+47')
    expect(open).not.toContain('tokens issued')
    expect(folded).toContain('tokens issued')
  })

  it('leaves out the charts for which there is nothing to draw', () => {
    const run = failedRun()
    run.server.series = []
    run.timeline = run.timeline.map(point => ({
      ...point,
      publishedPerSecond: 0,
      deliveredPerSecond: 0,
      e2eP50Ms: 0,
      e2eP99Ms: 0,
      openStreams: 0,
      openSockets: 0,
      openedPerSecond: 0,
    }))
    expect(Object.keys(dataOf(renderReport(run)).charts)).toEqual([
      'throughput',
      'response',
      'failures',
      'first-byte',
      'bytes',
      'users',
      'generator',
    ])
    expect(Object.keys(dataOf(renderReport(failedRun())).charts)).toContain('e2e')
  })

  it('draws the metrics of servers below the latency, on the same time axis, with a gap where a sample is missing', () => {
    const { charts, seconds } = dataOf(renderReport(failedRun()))
    expect(Object.keys(charts).slice(0, 8)).toEqual([
      'throughput',
      'response',
      'target-cpu',
      'target-loop',
      'target-memory',
      'target-connections',
      'server-0',
      'server-1',
    ])
    for (const chart of Object.values(charts)) {
      for (const { values } of chart.series) expect(values).toHaveLength(seconds.length)
    }
    expect(charts['target-cpu']!.series.map(({ label, axis }) => [label, axis])).toEqual([
      ['CPU, cores', undefined],
      ['event loop busy', 'right'],
    ])
    expect(charts['target-loop']!.right).toBe('number')
    expect(charts['target-connections']!.right).toBeUndefined()
    expect(charts['target-memory']!.left).toBe('bytes')
    expect(charts['server-0']!.series[0]!.values[29]).toBeNull()
    expect(charts['server-1']!.series.map(({ label }) => label)).toEqual(['0 idle', `${hostile} idle`])
  })

  it('says what saturated first, and what is missing of a source', () => {
    const page = renderReport(failedRun())
    const section = page.slice(page.indexOf('<section id="server"'), page.indexOf('<section id="names"'))
    expect(section).toContain('First to saturate: the event loop of the target (100 %, limit 95 %), from 27s on.')
    expect(section).toContain('1 of 41 samples failed, the first at 0:29: its metrics were not complete within 3000 ms')
    expect(section).toContain('12 more series left out: node_cpu_seconds_total')
    expect(section).toContain('no series node_load2')
  })

  it('shows a second without requests as a gap, not as a latency of zero', () => {
    const run = failedRun()
    run.timeline = run.timeline.slice(0, 3)
    run.timeline[1] = { ...(run.timeline[1] as RunResult['timeline'][number]), requestsPerSecond: 0, responseP50Ms: 0 }
    expect(dataOf(renderReport(run)).charts['response']?.series[0]?.values[1]).toBeNull()
  })

  it('ends the spectrum at the slowest request', () => {
    const run = failedRun()
    run.totals.response.count = 1000
    const { nines, series } = dataOf(renderReport(run)).spectrum
    expect(nines.at(-1)).toBe(3)
    expect(nines).toEqual([...nines].sort((a, b) => a - b))
    expect(series[0]?.values.at(-1)).toBeCloseTo(run.spectrum.at(-1)?.responseMs as number, 2)
  })

  it('thins a long run in the table, and a longer one in the charts', () => {
    const run = failedRun()
    const hour = {
      ...run,
      timeline: Array.from({ length: 3600 }, (_, index) => ({ ...second(0), atMs: index * 1000 + 1000 })),
    }
    expect(dataOf(renderReport(hour)).seconds.slice(0, 2)).toEqual([1, 3])
    expect(renderReport(hour)).toContain('A point is 2 seconds: rates are means, all other values the highest.')
    run.timeline = Array.from({ length: 600 }, (_, index) => ({
      ...(run.timeline[index % 40] as RunResult['timeline'][number]),
      atMs: (index + 1) * 1000,
    }))
    const page = renderReport(run)
    expect(page).toContain('The run in steps of 10 seconds')
    expect(dataOf(page).seconds).toHaveLength(600)
  })

  it('does not draw the last moment of a run, which would look like a collapse, and says so', () => {
    const run = failedRun()
    run.timeline.push({ ...second(39), atMs: 40_400, requestsPerSecond: 3 })
    const page = renderReport(run)
    const { seconds, charts } = dataOf(page)
    expect([seconds.length, charts['throughput']?.series[0]?.values.length]).toEqual([40, 40])
    expect(page).toContain('The last 400 ms are too short for a rate and not drawn.')
    expect(renderReport(failedRun())).not.toContain('too short for a rate')
  })

  it('marks the end of the load where requests were under way for longer', () => {
    const run = failedRun()
    run.run.plannedMs = 30_000
    expect(dataOf(renderReport(run)).marks).toEqual([{ second: 30, label: 'the load ends' }])
    run.run.plannedMs = 39_500
    expect(dataOf(renderReport(run)).marks).toEqual([])
  })

  it('draws failures by status and reason, the rarest of them together', () => {
    const run = failedRun()
    const counts = (count: number) => run.breakdown.failures.toMs.map(() => count)
    run.breakdown.failures.kinds = Array.from({ length: 7 }, (_, at) => ({
      reason: 'status',
      status: 500 + at,
      counts: counts(9 - at),
    }))
    run.breakdown.failures.others = counts(1)
    const { series, seconds } = dataOf(renderReport(run)).charts['failures']!
    expect(series.map(({ label, values }) => [label, values[1]])).toEqual([
      ['500', 9],
      ['501', 8],
      ['502', 7],
      ['503', 6],
      ['504', 5],
      ['others', 8],
    ])
    expect(seconds?.slice(0, 2)).toEqual([0.5, 1.5])
    expect(dataOf(renderReport(passedRun())).charts).not.toHaveProperty('failures')
  })

  it('offers the charts of every user, task and name', () => {
    const page = renderReport(failedRun())
    const { views } = JSON.parse(
      /<script type="application\/json" id="chart-views">([\s\S]*?)<\/script>/.exec(page)?.[1] as string,
    ) as ChartViews
    const run = failedRun()
    expect(views.map(({ label }) => label)).toEqual([
      'producer',
      'producer: publish price',
      'producer: outside of tasks',
      hostile,
      'POST /v1/events/publish',
      'GET /v1/streams/notifications',
      `GET ${hostile}`,
    ])
    expect(views[4]?.charts['throughput']?.['requests']?.[5]).toBe(
      Number(run.breakdown.names.groups[0]!.requests[5]!.toPrecision(3)),
    )
    const names = page.slice(page.indexOf('<section id="names"'), page.indexOf('<section id="users"'))
    expect([...names.matchAll(/data-view="(\d+)"/g)].map(match => match[1])).toEqual(['4', '6'])
  })

  it('shows statuses as chips, and means with their deviation', () => {
    const page = renderReport(failedRun())
    expect(page).toContain('<li class="chip passed"><b>202</b>14,163</li>')
    expect(page).toContain('<li class="chip failed"><b>no answer</b>47</li>')
    expect(page).toMatch(
      /Time to first byte<\/th><td class="number">15,060<\/td><td class="number">4\.68 ms<\/td><td class="number">7\.92 ms/,
    )
    expect(page).toMatch(/<th scope="col" class="number" data-order>std\. dev\. ms<\/th>/)
  })

  it('explains its margins where there are any', () => {
    expect(renderReport(failedRun())).toContain('is room to spare')
    expect(renderReport({ ...failedRun(), thresholds: [] })).not.toContain('is room to spare')
  })

  it('shows limits, retries, jobs and settings if there were any', () => {
    const page = renderReport(limitedRun())
    for (const [name, value] of [
      ['Told to slow down (429)', '1,512 (10.0 %)'],
      ['Requests sent again', '1,200'],
      ['Jobs submitted', '40'],
      ['seen completed', '36'],
      ['seen failed', '3'],
      ['Submit to end, median', '900 ms'],
      ['auth.tokenTtl', '<code>2s</code>'],
    ]) {
      expect(page).toContain(`<dt>${name}</dt><dd>${value}</dd>`)
    }
    expect(page).toContain('--target-set &#39;seed=7 &#38; 8&#39;')
    expect(renderReport(passedRun())).not.toMatch(/slow down|sent again|Jobs submitted/)
  })

  it('shows groups, tags and metrics of the scenario, with charts of the metrics that change', () => {
    const page = renderReport(customRun())
    expect(page).toContain('<h2 id="groups-title">Groups</h2>')
    expect(page).toContain('<h2 id="tagged-title">Requests by tag</h2>')
    expect(page).toContain('<h2 id="metrics-title">Metrics of the scenario</h2>')
    expect(page).toContain('7,725 EUR · 1,509 EUR a second')
    expect(page).toContain('97.1 % of 618')
    expect(page).toContain('3 at the end, from 0 to 9')
    expect(page).toContain('no samples')
    const { charts } = dataOf(page)
    const drawn = Object.keys(charts).filter(id => id.startsWith('custom-'))
    expect(drawn).toEqual(['custom-0', 'custom-1', 'custom-2'])
    expect(charts['custom-0']).toMatchObject({
      seconds: [0.5, 1.5, 2.5, 3.3],
      series: [{ values: [1500, 1510, 1520, 700] }],
    })
    expect(charts['custom-1']?.series.map(({ label, values }) => [label, values])).toEqual([
      ['p50', [5, 6, null, 5]],
      ['p95', [9, 9, null, 8]],
    ])
    expect(charts['custom-2']?.series[0]?.values).toEqual([90, 100, 100, 100])
    for (const id of drawn) expect(page).toContain(`data-chart="${id}"`)
    expect(page).toContain('order: there were more values than are kept apart')
    expect(renderReport(passedRun())).not.toMatch(/Metrics of the scenario|Requests by tag|>Groups</)
  })

  it('shows WebSockets and how they ended, if there were any', () => {
    const page = renderReport(socketRun())
    for (const [name, value] of [
      ['WebSockets opened', '230'],
      ['reconnects', '30'],
      ['of which events', '81,000'],
      ['Requests unanswered', '2'],
      ['Request to answer, median', '2.00 ms'],
      ['Ping, median', '1.00 ms'],
    ]) {
      expect(page).toContain(`<dt>${name}</dt><dd>${value}</dd>`)
    }
    for (const words of ['1013 overload', 'the target', 'nobody, it was lost']) expect(page).toContain(words)
    expect(dataOf(page).charts['users']?.series.map(({ label }) => label)).toContain('open sockets')
    expect(renderReport(passedRun())).not.toContain('WebSockets opened')
  })

  it('draws disturbances of the target, and the recovery of connections', () => {
    const page = renderReport(stormRun())
    const data = dataOf(page)
    expect(data.marks).toEqual([{ second: 20.25, label: 'everybody is cut <i>' }])
    expect(data.recoveries['recovery-0']?.map(({ label, shares }) => [label, shares.at(-1)])).toEqual([
      ['all', 0.966],
      ['reader', 1],
      [hostile, 0.9],
    ])
    const body = bodyOf(page)
    expect(body).toContain('<strong>20.3s</strong> everybody is cut &#60;i&#62; ')
    expect(body).toContain('30 connections broke, 29 came back')
    const section = body.slice(body.indexOf('<section id="recovery"'), body.indexOf('<section id="names"'))
    expect(section.match(/never/g)).toHaveLength(4)
    expect(section).toContain('100 % after')
    expect(sectionIds(renderReport(passedRun()))).not.toContain('recovery')
  })

  it('draws the phases of faults, and compares injected with configured shares', () => {
    const page = renderReport(brownoutRun())
    expect(dataOf(page).bands).toEqual([
      { from: 0, to: 10, label: 'healthy', faulty: false },
      { from: 10, to: 20, label: 'ill <b>', faulty: true },
      { from: 20, to: 40, label: 'healthy again', faulty: false },
    ])
    const body = bodyOf(page)
    expect(body).toContain('<strong>10s–20s</strong> ill &#60;b&#62; <span>rules slow, down</span>')
    expect(body).toContain('<li class="calm"><strong>0s–10s</strong> healthy <span>no faults</span>')
    const section = body.slice(body.indexOf('<section id="faults"'), body.indexOf('<section id="names"'))
    for (const words of ['200 ms, 2.01 s', '100 %', '10.0 %', '7 requests were in progress'])
      expect(section).toContain(words)
    expect(section).toContain('<span class="state failed">✗</span> 15.0 % (12.3 %…18.2 %)')
    expect(sectionIds(renderReport(passedRun()))).not.toContain('faults')
  })

  it('shows the phases of a timeline separately', () => {
    const body = bodyOf(renderReport(brownoutRun()))
    const section = body.slice(body.indexOf('<section id="phases"'), body.indexOf('<section id="faults"'))
    expect(section).toMatch(/ill &#60;b&#62;<\/th><td class="number">500<\/td>/)
    expect(section).toContain('75 <span class="part">15.0 %</span>')
    expect(section).toMatch(
      /at long last<\/th><td class="number">3<\/td><td class="number">0<\/td><td class="number">–/,
    )
    expect(sectionIds(renderReport(passedRun()))).not.toContain('phases')
  })

  it('draws the lag of each group member, with a gap where the target did not respond', () => {
    const page = renderReport(lagRun())
    const { charts } = dataOf(page)
    expect(charts['lag-0']?.series.map(({ label, values }) => [label, values[0], values[3]])).toEqual([
      ['worker-1/0', 299, null],
      ['worker-0/0', 0, null],
    ])
    const body = bodyOf(page)
    const section = body.slice(body.indexOf('<section id="lag"'), body.indexOf('<section id="deliveries"'))
    for (const words of ['0, 2', '300', '34.0 s', 'never', '–']) expect(section).toContain(words)
    expect(body).not.toContain('<img')
    const unavailable = renderReport({ ...passedRun(), lag: { groups: [], unavailable: 'the target does not say' } })
    expect(unavailable).toContain('The lag of some groups is unknown: the target does not say.')
    expect(sectionIds(renderReport(passedRun()))).not.toContain('lag')
  })

  it('lists the outcomes of all events, and marks those without one', () => {
    const sectionOf = (run: RunResult) => {
      const body = bodyOf(renderReport(run))
      return body.slice(body.indexOf('<section id="deliveries"'), body.indexOf('<section id="names"'))
    }
    const run = lagRun()
    const explained = sectionOf(run)
    expect(explained).toContain('Every one is explained')
    expect(explained).toContain('10,900 were offered, 51.7 % of them delivered')
    expect(explained).toContain('Dropped: drop oldest')
    expect(explained).not.toContain('unused')
    const [jobs, ...others] = run.deliveries
    const unexplained = sectionOf({ ...run, deliveries: [{ ...jobs!, delivered: 4999, unexplained: 1 }, ...others] })
    expect(unexplained).toContain('1 are not explained')
    expect(unexplained).toContain('<strong class="differs">1</strong>')
  })

  it('shows the slowest requests with their traces, and the time at the target if it is known', () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const request = { trace, name: '/a<b', method: 'GET', status: 0, dueMs: 61_000, responseMs: 1500, serviceMs: 1400 }
    const times = { startedAt: 0, firstByteMs: 1, lastByteMs: 42 }
    const target = { operation: 'unmatched', status: 200, outcome: 'aborted', ...times } as const
    const rows = [{ ...request, target }, request]
    const body = bodyOf(renderReport({ ...failedRun(), slowest: rows }))
    const part = body.slice(body.indexOf('<section id="slowest"'), body.indexOf('<section id="users"'))
    expect(part.match(new RegExp(`<code>${trace}</code>`, 'g'))).toHaveLength(2)
    expect(part).toContain('/a&#60;b')
    expect(part.match(/data-value="(?:42|-1)">[^<]+/g)).toEqual(['data-value="42">42.0', 'data-value="-1">–'])
    expect(bodyOf(renderReport(failedRun()))).not.toContain('id="slowest"')
  })

  it('distinguishes checks that never passed from those that failed sometimes', () => {
    const checks = [
      { name: 'always', passes: 3, fails: 0 },
      { name: 'at times', passes: 2, fails: 1 },
      { name: 'never', passes: 0, fails: 3 },
    ]
    const page = bodyOf(renderReport({ ...failedRun(), checks }))
    const states = [...page.slice(page.indexOf('<section id="checks"')).matchAll(/class="state \w+">([^<]+)</g)]
    expect(states.map(([, state]) => state)).toEqual(['✓ held', '! not always', '✗ never held'])
  })

  it('says how to repeat the run, safely quoted', () => {
    const page = renderReport(failedRun())
    const command = `loadcell run scenarios/checkout.ts --seed 4242424242 --profile load --vus 60 --tag team=streams --tag 'note=it'\\''s a test'`
    expect(page).toContain(command.replaceAll("'", '&#39;'))
  })

  it('names rows and columns for screen readers', () => {
    const page = renderReport(failedRun())
    expect(page).not.toMatch(/<th(?![a-z])(?![^>]*scope=)/)
    expect(page.match(/<table/g)?.length).toBe(page.match(/<caption>/g)?.length)
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]+)"/g)) expect(page).toContain(`id="${id}"`)
  })
})
