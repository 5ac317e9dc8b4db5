import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { RunResult } from '../../../../harness/results/run-result.ts'
import { reportLine, summaryLines } from '../../../../harness/report/summary.ts'
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
  socketRun,
  stormRun,
} from './fixture.ts'

const linesOf = (result: RunResult) =>
  [
    ...summaryLines(result, { stream: new PassThrough() }),
    reportLine('results/report.html', { stream: new PassThrough() }),
  ].map(line => stripVTControlCharacters(line))
const textOf = (result: RunResult) => linesOf(result).join('\n')
/** Sentences as they were before they were wrapped. */
const unwrapped = (result: RunResult) => textOf(result).replace(/\s+/g, ' ')

describe('the summary', () => {
  it('has a line for each group and for each metric of the scenario', () => {
    const text = textOf(customRun())
    expect(text).toMatch(/^groups {6}checkout +618 times · 2 threw · p50 /m)
    expect(text).toMatch(/^metrics {5}basket_value +7,725 EUR · 1,509 EUR a second$/m)
    expect(text).toMatch(/^ {12}search_hits +p50 5 items, p95 9 items · 618 samples$/m)
    expect(text).toMatch(/^ {12}search_found +97\.1 % of 618$/m)
    expect(text).toMatch(/^ {12}queue_depth +3 at the end, from 0 to 9$/m)
    expect(text).toMatch(/^ {12}never_recorded +no samples$/m)
    expect(textOf(passedRun())).not.toMatch(/^(groups|metrics) /m)
  })

  it('fits into 80 columns', () => {
    for (const run of [
      failedRun(),
      passedRun(),
      emptyRun(),
      differingRun(),
      invalidRun(),
      limitedRun(),
      socketRun(),
      stormRun(),
      lagRun(),
      customRun(),
    ]) {
      const lines = linesOf(run)
      expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
      expect(lines.length).toBeLessThanOrEqual(40)
    }
  })

  it('names the scenario and the place of the report', () => {
    const text = textOf(passedRun())
    expect(text).toContain('mixed-streaming · 40s · seed 4242424242 · http://127.0.0.1:53211 (embedded)')
    expect(text).toContain('report      results/report.html')
    expect(text).toContain('PASSED      All 4 thresholds held')
  })

  it('has a line for each other host, and says which were not used', () => {
    const result = passedRun()
    const hosts = [
      { name: 'api', url: 'https://***@api.test/' },
      { name: 'spare', url: 'https://spare.test' },
    ]
    const rows = [
      { name: 'api', requests: 1200, failedRequests: 12 },
      { name: 'spare', requests: 0, failedRequests: 0 },
    ]
    const text = unwrapped({ ...result, run: { ...result.run, hosts }, hosts: rows })
    expect(text).toContain('hosts api (https://***@api.test/): 1,200 requests, 12 failed (1.00 %)')
    expect(text).toContain('spare (https://spare.test): no request; is it still needed?')
    expect(textOf(result)).not.toMatch(/^hosts/m)
  })

  it('says that a proxy was between, and that certificates were not checked', () => {
    const result = passedRun()
    const run = { ...result.run, embedded: false, insecure: true, proxy: 'http://proxy:3128' } as const
    const text = textOf({ ...result, run }).replaceAll(/\s+/g, ' ')
    expect(text).toContain('(through the proxy http://proxy:3128, certificates not checked)')
  })

  it('shows both clocks and the events from end to end', () => {
    const text = textOf(failedRun())
    expect(text).toContain('15,120 · 378 a second · 47 failed (0.31 %)')
    expect(text).toMatch(/response p50 4\.20 ms +p95 18\.5 ms +p99 46\.2 ms +from when due/)
    expect(text).toMatch(/service +p50 3\.90 ms +p95 17\.2 ms +p99 42\.9 ms +from when sent/)
    expect(text).toContain('14,210 published → 201,332 delivered on 72 streams')
    expect(text).toContain('first to last')
  })

  it('shows rate limits, retries and jobs if there were any', () => {
    const text = textOf(limitedRun())
    expect(text).toContain('1,512 rate limited with 429 (10.0 %) · 1,200 retried')
    expect(text).toContain('jobs        40 submitted · 36 completed · 3 failed')
    expect(text).toMatch(/ duration p50 900 ms +p95 3\.96 s +max 1m 7s +from the submit/)
    expect(textOf(passedRun())).not.toMatch(/429|sent again|^jobs/m)
  })

  it('says how many iterations completed, how fast and how long they took, and that checks held', () => {
    const text = textOf({ ...passedRun(), checks: [{ name: 'is fine', passes: 1200, fails: 0 }] })
    expect(text).toContain('iterations  14,980 completed · 375 a second\n')
    expect(text).toMatch(/ duration p50 130 ms +p95 572 ms +p99 1\.43 s +from when due/)
    expect(text).toContain('checks      ✓ 1 check held, 1,200 times in all')
    expect(textOf({ ...passedRun(), checks: [] })).not.toMatch(/^checks/m)
  })

  it('names the checks that failed, most failures first, and iterations that were cut off', () => {
    const run = passedRun()
    run.checks = [
      { name: 'held', passes: 10, fails: 0 },
      { name: 'rarely', passes: 9998, fails: 2 },
      { name: 'never', passes: 0, fails: 40 },
    ]
    Object.assign(run.totals, { iterations: 0, interruptedIterations: 7, failedIterations: 0, droppedIterations: 0 })
    const text = textOf(run)
    expect(text).toMatch(
      /checks +✗ never held, checked 40 times · never\n +✗ failed 2 of 10,000 times \(0\.02 %\) · rarely\n/,
    )
    expect(text).toMatch(/iterations +none completed · 7 cut off at the end/)
    expect(text).not.toContain('· held')
    expect(text).toContain('10,008 of 10,050 held (99.6 %) · 2 of 3 checks failed')
  })

  it('shows redirects, and events whose order could not be checked', () => {
    const run = passedRun()
    const redirected = (answered: number, followed: number) =>
      unwrapped({ ...run, totals: { ...run.totals, requests: 100, redirects: { answered, followed } } })
    expect(redirected(50, 50)).toContain('50 redirected (50.0 %), all followed')
    expect(redirected(100, 0)).toContain('100 redirected (100 %), none followed')
    expect(redirected(50, 20)).toContain('50 redirected (50.0 %), 20 followed')
    expect(redirected(0, 0)).not.toContain('redirected')
    const { delivered } = run.totals.events
    const events = (unplaced: number) =>
      unwrapped({ ...run, totals: { ...run.totals, events: { ...run.totals.events, unplaced } } })
    expect(events(7)).toContain('7 without an offset, so that their order could not be checked')
    expect(events(delivered)).not.toContain('nothing lost')
  })

  it('reports the lag of groups and undelivered events', () => {
    const text = unwrapped(lagRun())
    expect(text).toContain('300 events behind at 0:01, caught up after 34.0 s, 0 at the end')
    expect(text).toContain('deliveries 10,900 offered, of which 250 dropped by policy, 10 unsent')
    expect(textOf(passedRun())).not.toMatch(/deliveries|^lag/m)
    const faulty = lagRun()
    faulty.deliveries[0]!.dropped = { ...faulty.deliveries[0]!.dropped, injected: 70 }
    expect(unwrapped(faulty)).toContain('250 dropped by policy, 70 dropped by faults, 10 unsent')
  })

  it('shows how connections recovered', () => {
    const text = unwrapped(stormRun())
    expect(text).toContain('recovery 20.3s everybody is cut <i>: 30 connections broke, 29 came back')
    expect(text).toContain('50 % after 1.00 s, 90 % after 1.80 s, 99 % never, 100 % never; at most 6 in 0.1 s')
    expect(textOf(passedRun())).not.toMatch(/recovery/)
  })

  it('reports injected faults in one line, and those that deviate', () => {
    expect(unwrapped(brownoutRun())).toContain(
      'faults 2 rules affected 1,150 of 2,000, not as configured: down, 7 requests held up by a stall',
    )
    expect(textOf(passedRun())).not.toMatch(/^faults/m)
  })

  it('shows each phase of a timeline on its own line', () => {
    const text = textOf(brownoutRun())
    expect(text).toMatch(/^phases {6}healthy +none failed +p50 4\.20 ms +p95 \S+ ms +p99 \S+ ms$/m)
    expect(text).toMatch(/^ {12}ill <b> +15\.0 % failed +p50 210 ms/m)
    expect(text).toMatch(/^ {12}healthy again, …\s+none failed$/m)
    const many = { ...brownoutRun(), phases: Array.from({ length: 20 }, () => brownoutRun().phases[0]!) }
    expect(textOf(many)).toContain('and 12 more')
    expect(textOf(passedRun())).not.toMatch(/^phases/m)
  })

  it('shows WebSockets and how they ended, if there were any', () => {
    const text = unwrapped(socketRun())
    expect(text).toContain('201,332 delivered on 72 streams, 81,000 delivered on 230 sockets')
    expect(text).toContain('sockets 230 opened, 200 at once · 4,100 frames sent, 88,000 received')
    expect(text).toContain('30 reconnects, 2 requests unanswered')
    expect(text).toContain('closed: 200 by client (1000 normal), 29 by target (1013 overload), 1 lost (1006 abnormal)')
    expect(textOf(passedRun())).not.toMatch(/socket/)
  })

  it('marks each threshold, with the observed value', () => {
    const text = textOf(failedRun())
    expect(text).toMatch(/✗ event_e2e_latency p\(99\)<150 +187 ms {2}25 % too high/)
    expect(text).toMatch(/✓ http_req_failed rate<0\.01 +0\.31 % {2}69 % to spare/)
    expect(text).toMatch(/∅ reconnect_duration p\(95\)<2000 +– {2}no data/)
  })

  it('says what saturated first, and why metrics of a server are missing', () => {
    const text = unwrapped(failedRun())
    expect(text).toContain('server First to saturate: the event loop of the target (100 %, limit 95 %), from 27s on.')
    expect(text).toContain(
      '10.0.0.7:9100/metrics: 1 of 41 samples failed, the first at 0:29: its metrics were not complete',
    )
  })

  it('names the errors with their times', () => {
    expect(textOf(failedRun())).toContain('35 × the connection was reset · 0:28–0:33 · /v1/events/publish')
    expect(textOf(passedRun())).not.toMatch(/^errors/m)
  })

  it('shows what is wrong in an error, however long the path before it is', () => {
    const run = failedRun()
    const path = `/home/somebody/projects/${'folder/'.repeat(12)}accounts.csv`
    const [first] = run.errors
    const text = textOf({ ...run, errors: [{ ...first!, example: `${path}: expected a row for each user` }] })
    expect(text.replaceAll(/\s+/g, ' ')).toContain('accounts.csv: expected a row for each user')
    const endless = textOf({ ...run, errors: [{ ...first!, example: `${'words '.repeat(40)}end` }] })
    expect(endless).toMatch(/words…$/m)
    expect(Math.max(...[...text.split('\n'), ...endless.split('\n')].map(line => line.length))).toBeLessThanOrEqual(80)
  })

  it('says when the numbers cannot be trusted, before anything else', () => {
    expect(unwrapped(invalidRun())).toContain('INVALID The load generator could not keep up')
    expect(textOf(invalidRun())).toMatch(/validity +! Did the generator have CPU time to spare\?/)
    expect(unwrapped(differingRun())).toContain('INVALID The measurements differ from the target’s own ledger')
    expect(textOf(differingRun())).toMatch(/ledger +✗ harness and ledger differ on 2 of 5 counts/)
  })

  it('keeps a hint apart from a verdict', () => {
    const run = passedRun()
    run.validity.findings = run.validity.findings.map(finding =>
      finding.question.includes('garbage') ? { ...finding, state: 'doubtful' as const } : finding,
    )
    expect(textOf(run)).toContain('PASSED')
    expect(textOf(run)).toMatch(
      /validity +✓ the load generator kept up\n +! Did garbage collection stay out of the way/,
    )
  })

  it('never says PASSED with an exit code that says otherwise', () => {
    expect(textOf({ ...passedRun(), exitCode: 1 })).not.toContain('PASSED')
  })

  it('has words for a run in which nothing happened', () => {
    const text = textOf(emptyRun())
    expect(text).toContain('FAILED      http://127.0.0.1:9 cannot be reached: the connection was refused.')
    expect(text).toContain('none were sent')
    expect(text).not.toContain('kept up')
    expect(text).toContain('· 1ms ·')
    expect(text).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('says why an interrupted or aborted run ended', () => {
    const interrupted = { ...passedRun(), outcome: { state: 'interrupted' as const, detail: 'interrupted after 12 s' } }
    expect(unwrapped(interrupted)).toContain(
      'INTERRUPTED Interrupted after 12 s. The numbers cover only the time before',
    )
    const aborted = {
      ...failedRun(),
      outcome: { state: 'aborted_by_threshold' as const, detail: 'a threshold ended the run' },
    }
    expect(unwrapped(aborted)).toContain('FAILED A threshold ended the run. 1 of 6 thresholds failed')
  })

  it('removes control characters from text of the scenario and the target', () => {
    const run = failedRun()
    run.run.scenario = hostile
    run.errors = run.errors.map(error => ({ ...error, name: hostile }))
    const raw = summaryLines(run, { stream: new PassThrough() }).join('\n')
    expect(raw).not.toContain('[31m')
    expect(raw).not.toMatch(/[^\P{Cc}\n]/u)
  })

  it('colours only where colours can be seen', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: () => 8 })
    const colourless = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: () => 1 })
    const { FORCE_COLOR: forced } = process.env
    delete process.env['FORCE_COLOR']
    try {
      expect(summaryLines(passedRun(), { stream: terminal }).join('')).toContain('\u001b[32m')
      expect(summaryLines(passedRun(), { stream: colourless }).join('')).not.toContain('\u001b')
      expect(summaryLines(passedRun(), { stream: new PassThrough() }).join('')).not.toContain('\u001b')
    } finally {
      if (forced !== undefined) process.env['FORCE_COLOR'] = forced
    }
  })
})
