import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../../core/clock.ts'
import type { ExportUnavailable } from '../../../../harness/export/live-export.ts'
import { PrometheusEndpoint } from '../../../../harness/export/prometheus-endpoint.ts'
import { exposedResult } from '../../../../harness/report/exposition/exposed-run.ts'
import { openMetrics } from '../../../../harness/report/formats/openmetrics.ts'
import { parseOpenMetrics } from '../report/formats/open-metrics-parser.ts'
import { recordedRun } from '../report/formats/recorded-run.ts'

const never = new AbortController().signal

async function endpoint() {
  const notes: string[] = []
  const tell = (note: string) => void notes.push(note)
  const served = await PrometheusEndpoint.open({ host: '127.0.0.1', port: 0, clock: systemClock, tell })
  onTestFinished(() => served.close())
  return { served, notes }
}

const openMetricsOnly = { headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' } }

async function scrape(url: string, options?: RequestInit): Promise<string> {
  return (await fetch(url, options)).text()
}

/** Returns the lines without those of the histograms, which only live exports have. */
function withoutHistograms(text: string): string {
  return text
    .split('\n')
    .filter(line => !/^(?:# \w+ )?loadcell_\w+_distribution_seconds/.test(line))
    .join('\n')
}

describe('PrometheusEndpoint', () => {
  it('serves the names and values of openmetrics.txt at the end, and histograms beside them', async () => {
    const { served } = await endpoint()
    const run = recordedRun()
    served.update(exposedResult(run))
    const text = await scrape(served.place, openMetricsOnly)
    expect(withoutHistograms(text)).toBe(openMetrics(run))
    const families = parseOpenMetrics(text)
    const histogram = families.find(({ name }) => name === 'loadcell_http_req_duration_distribution_seconds')!
    expect(histogram.type).toBe('histogram')
    const all = histogram.samples.filter(({ name, labels }) => name.endsWith('_bucket') && labels['le'] === '+Inf')
    expect(all.reduce((sum, { value }) => sum + value, 0)).toBe(run.totals.response.count)
  })

  it('serves the older format to anything that does not ask for OpenMetrics', async () => {
    const { served } = await endpoint()
    served.update(exposedResult(recordedRun()))
    const response = await fetch(served.place)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    expect(text).toContain('# TYPE loadcell_http_reqs_total counter\n')
    expect(text).toContain('# TYPE loadcell_run_info gauge\n')
    expect(text).not.toMatch(/# UNIT|# EOF/)
  })

  it('serves what the series hold when they are read, and nothing before a run', async () => {
    const { served } = await endpoint()
    expect(await scrape(served.place)).toBe('')
    expect(await scrape(served.place, openMetricsOnly)).toBe('# EOF\n')
    const run = exposedResult(recordedRun())
    const { value } = run.series.find(({ metric }) => metric === 'data_received')!
    served.update({ ...run, series: [{ metric: 'data_received', tags: {}, value }] })
    if (value.kind === 'counter') value.total = 77
    expect(await scrape(served.place)).toContain('\nloadcell_data_received_bytes_total 77\n')
  })

  it('answers nothing but GET and HEAD of /metrics', async () => {
    const { served } = await endpoint()
    const asked = [
      await fetch(new URL('/', served.place)),
      await fetch(served.place, { method: 'POST' }),
      await fetch(`${served.place}?x=1`, { method: 'HEAD' }),
    ]
    expect(asked.map(({ status }) => status)).toEqual([404, 405, 200])
  })

  it('says so when the address is taken, and what to do', async () => {
    const { served } = await endpoint()
    const port = Number(new URL(served.place).port)
    const again = PrometheusEndpoint.open({ host: '127.0.0.1', port, clock: systemClock, tell: () => {} })
    const error = (await again.catch(thrown => thrown)) as ExportUnavailable
    expect(error.message).toMatch(/^--export prometheus cannot listen at 127\.0\.0\.1:\d+: .*EADDRINUSE/)
    expect(error.nextStep).toContain('a free port')
  })

  it('ends at once if nobody came', async () => {
    const { served, notes } = await endpoint()
    await served.finish(exposedResult(recordedRun()), never)
    expect(notes).toEqual([])
    await expect(fetch(served.place)).rejects.toThrow()
  })

  it('serves the final numbers to a scraper that came before, and then ends', async () => {
    const { served, notes } = await endpoint()
    const run = recordedRun()
    await scrape(served.place)
    const finished = served.finish(exposedResult(run), never)
    expect(withoutHistograms(await scrape(served.place, openMetricsOnly))).toBe(openMetrics(run))
    await finished
    expect(notes).toEqual([expect.stringContaining('for the last scrape of http://127.0.0.1:')])
    await expect(fetch(served.place)).rejects.toThrow()
  })

  it('waits for no scraper after an interrupt', async () => {
    const { served } = await endpoint()
    await scrape(served.place)
    const interrupt = new AbortController()
    const finished = served.finish(exposedResult(recordedRun()), interrupt.signal)
    interrupt.abort()
    await finished
    await expect(fetch(served.place)).rejects.toThrow()
  })

  it('refuses connections beyond its limit, so that scrapers that do not read cannot fill the memory', async () => {
    const { served } = await endpoint()
    const { port } = new URL(served.place)
    const sockets = Array.from({ length: 40 }, () => connect(Number(port), '127.0.0.1'))
    onTestFinished(() => sockets.forEach(socket => socket.destroy()))
    const closed = sockets.map(socket => new Promise(resolve => socket.on('error', resolve).once('close', resolve)))
    let ended = 0
    await new Promise<void>(resolve => {
      for (const each of closed) void each.then(() => (ended += 1) >= 24 && resolve())
    })
    expect(ended).toBe(24)
  })
})
