import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Progress } from '../../../../harness/results/progress.ts'
import { createProgress } from '../../../../harness/report/progress.ts'
import { failedRun, hostile, second } from './fixture.ts'

function at(elapsedMs: number, phase: Progress['phase'] = 'running'): Progress {
  const { thresholds, errors } = failedRun()
  return {
    phase,
    elapsedMs,
    plannedMs: 40_000,
    point: second(12),
    totals: {
      requests: 9876,
      failed: 3,
      rateLimited: 0,
      responseP50Ms: 4.2,
      responseP95Ms: 12.1,
      responseP99Ms: 44,
      openStreams: 15,
      openSockets: 4,
      published: 9012,
      delivered: 135_180,
    },
    loads: [],
    changed: [],
    silent: [],
    thresholds,
    errors,
  }
}

/** A stream that is or is not a terminal, and all that was written to it. */
function screen(terminal: boolean, columns = 80, rows = 40) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), {
    isTTY: terminal,
    columns,
    rows,
    getColorDepth: () => 1,
  }) as unknown as NodeJS.WriteStream
  return { stream, text: () => stripVTControlCharacters(String((stream as unknown as PassThrough).read() ?? '')) }
}

/** The environment of the build machine must not decide what is shown. */
const options = { quiet: false, environment: {} }

describe('progress where there is no terminal', () => {
  it('is one line every five seconds and at each new phase', () => {
    const { stream, text } = screen(false)
    const progress = createProgress(stream, options)
    for (let elapsedMs = 1000; elapsedMs <= 3000; elapsedMs += 1000) progress.update(at(elapsedMs, 'warmup'))
    for (let elapsedMs = 1000; elapsedMs <= 12_000; elapsedMs += 1000) progress.update(at(elapsedMs))
    progress.update(at(12_500, 'stopping'))
    progress.done()
    const begins = text()
      .trimEnd()
      .split('\n')
      .map(line => line.split(' · ')[0])
    expect(begins).toEqual([
      'warming up 0:01/0:40',
      'running 0:01/0:40',
      'running 0:05/0:40',
      'running 0:10/0:40',
      'stopping 0:12/0:40',
    ])
  })

  it('names a worker as soon as it is silent, once', () => {
    const { stream, text } = screen(false)
    const progress = createProgress(stream, options)
    for (const elapsedMs of [1000, 2000]) progress.update(at(elapsedMs))
    for (const seconds of [2, 3])
      progress.update({ ...at(1000 + seconds * 1000), silent: [{ from: 'worker 2', seconds }] })
    expect(text().trimEnd().split('\n').slice(1)).toEqual([expect.stringContaining('worker 2 silent for 2s')])
  })

  it('shows the current state', () => {
    const { stream, text } = screen(false)
    createProgress(stream, options).update(at(5000))
    const line = text()
    expect(line).toContain('p50 4.20 ms, p95 12.1 ms, p99 44.0 ms')
    expect(line).toContain('9,012 → 135,180 events · 3 failed · 1 threshold failing')
    expect(line).toContain('15 streams open')
  })

  it('shows the state of each load, where there are several', () => {
    const loads = [
      { load: 'browse', users: 12, startsInMs: 0, isOver: false },
      { load: 'sale', users: 0, startsInMs: 15_000, isOver: false },
      { load: 'setup', users: 0, startsInMs: 0, isOver: true },
    ]
    for (const terminal of [false, true]) {
      const { stream, text } = screen(terminal, 120)
      const progress = createProgress(stream, options)
      progress.update({ ...at(5000), loads })
      expect(text()).toContain('browse 12 users · sale in 15s · setup over')
      progress.done()
    }
    const { stream, text } = screen(false)
    createProgress(stream, options).update({ ...at(5000), loads: loads.slice(0, 1) })
    expect(text()).not.toContain('browse')
  })

  it('counts the responses with 429, if there were any', () => {
    for (const [terminal, expected] of [
      [false, ' · 3 failed · 12 × 429 · '],
      [true, '3 failed (0.03 %) · 12 × 429'],
    ] as const) {
      const { stream, text } = screen(terminal, 120)
      const progress = createProgress(stream, options)
      const now = at(5000)
      progress.update({ ...now, totals: { ...now.totals, rateLimited: 12 } })
      expect(text()).toContain(expected)
      progress.done()
    }
  })

  it.each([
    [0, 40],
    [80, 0],
    [0, 0],
    [1, 40],
    [80, 1],
  ])('is also used on a terminal of %i columns and %i rows', (columns, rows) => {
    const { stream, text } = screen(true, columns, rows)
    const progress = createProgress(stream, options)
    progress.update(at(5000))
    progress.done()
    expect(text()).toMatch(/^running 0:05\/0:40 · .*\n$/)
  })

  it('is empty with --quiet, on a terminal too', () => {
    for (const terminal of [false, true]) {
      const { stream, text } = screen(terminal)
      const progress = createProgress(stream, { quiet: true })
      progress.update(at(5000))
      progress.done()
      expect(text()).toBe('')
    }
  })
})

describe('progress on a terminal', () => {
  it('is a dashboard while there is room for it, and lines while there is not', () => {
    const { stream, text } = screen(true)
    const progress = createProgress(stream, options)
    progress.update(at(20_000))
    expect(text()).toContain('9,012 published → 135,180 delivered')
    stream.rows = 2
    progress.update(at(25_000))
    expect(text()).toContain('running 0:25/0:40 · ')
    stream.rows = 10
    progress.update(at(30_000))
    const dashboard = text()
    progress.done()
    expect(dashboard).toContain('30s of 40s')
    expect(dashboard.trimEnd().split('\n')).toHaveLength(9)
  })

  it('is a dashboard with all of its lines', () => {
    const { stream, text } = screen(true)
    const progress = createProgress(stream, options)
    progress.update(at(20_000))
    const dashboard = text()
    progress.done()
    expect(dashboard).toContain(`running     ${'━'.repeat(16)}${'─'.repeat(16)}  20s of 40s`)
    expect(dashboard).toContain('9,876 so far · 3 failed (0.03 %)')
    expect(dashboard).toContain('9,012 published → 135,180 delivered')
    expect(dashboard).toContain('✓ 4 of 6 hold so far, 1 without data yet')
    expect(dashboard).toContain('✗ event_e2e_latency p(99)<150 is 187 ms')
    expect(dashboard).toContain('35 × the connection was reset · /v1/events/publish')
  })

  it('charts the last seconds, without those of the warm-up', () => {
    const { stream, text } = screen(true, 100)
    const progress = createProgress(stream, options)
    progress.update({ ...at(3000, 'warmup'), point: { ...second(2), requestsPerSecond: 100_000 } })
    for (const [index, requestsPerSecond] of [10, 20, 40, 80].entries())
      progress.update({ ...at(index * 1000), point: { ...second(12), requestsPerSecond } })
    const last = text()
    progress.done()
    expect(last).toMatch(/requests {4}80 a second .* {2,}▁▂▄█$/m)
    expect(last).toMatch(/response {4}p50 .* {2,}▅▅▅▅$/m)
  })

  it.each([{ NO_COLOR: '1' }, { CI: 'true' }, { TERM: 'dumb' }])('is lines where %o asks for them', environment => {
    const { stream, text } = screen(true)
    createProgress(stream, { quiet: false, environment }).update(at(20_000))
    expect(text()).toMatch(/^running 0:20\/0:40 · .*\n$/)
  })

  it.each([60, 300])('fits each of its lines into a terminal of %i columns', columns => {
    const { stream, text } = screen(true, columns)
    const progress = createProgress(stream, options)
    const errors = [{ ...(at(0).errors[0] as Progress['errors'][number]), name: hostile.repeat(3) }]
    progress.update({ ...at(20_000), thresholds: [], errors })
    const lines = text().trimEnd().split('\n')
    progress.done()
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(Math.min(columns, 100))
    expect(lines.at(-1)).toMatch(/^errors {6}35 × .*…$/)
  })
})

describe('something printed aside', () => {
  it('stays on the screen between two states of the dashboard', () => {
    const raw = (print: boolean) => {
      const { stream } = screen(true)
      const progress = createProgress(stream, options)
      progress.update(at(1000))
      if (print) progress.aside(() => void stream.write('Note: aside\n'))
      progress.update(at(2000))
      progress.done()
      return String((stream as unknown as PassThrough).read() ?? '')
    }
    const written = raw(true)
    // A second state erases the first one, but not what was printed behind it.
    expect(raw(false)).toContain('\u001B[1A')
    expect(written.slice(written.indexOf('Note: aside'))).not.toContain('\u001B[1A')
    expect(written.indexOf('Note: aside')).toBeGreaterThan(0)
  })

  it.each([true, false])('is printed when there is no dashboard, quiet: %s', quiet => {
    const { stream, text } = screen(false)
    createProgress(stream, { ...options, quiet }).aside(() => void stream.write('Note: aside\n'))
    expect(text()).toBe('Note: aside\n')
  })
})
