import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../../core/clock.ts'
import { openOtlpExport } from '../../../../../harness/export/otlp/open.ts'
import { exposedResult } from '../../../../../harness/report/exposition/exposed-run.ts'
import { startCollector } from '../../../../support/collector.ts'
import { freePort } from '../../../../support/free-port.ts'
import { recordedRun } from '../../report/formats/recorded-run.ts'

const never = new AbortController().signal

afterEach(() => vi.unstubAllEnvs())

/** Sends one export with the packages of OpenTelemetry, which read the environment of the process. */
async function exportOnce(variables: Record<string, string>): Promise<string[]> {
  for (const [name, value] of Object.entries({ OTEL_EXPORTER_OTLP_TIMEOUT: '400', ...variables }))
    vi.stubEnv(name, value)
  const notes: string[] = []
  const tell = (note: string) => void notes.push(note)
  const otlp = await openOtlpExport({ env: process.env, clock: systemClock, tell })
  await otlp.finish(exposedResult(recordedRun()), never)
  return notes
}

describe('openOtlpExport', () => {
  it.each([
    ['http/protobuf', 'application/x-protobuf'],
    ['http/json', 'application/json'],
  ])('posts %s with the headers and the compression of the environment', async (protocol, contentType) => {
    const collector = await startCollector()
    const notes = await exportOnce({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'authorization=Bearer%20hush-hush,x-team=shop',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    })
    expect(notes).toEqual([])
    expect(collector.requests).toMatchObject([
      {
        url: '/v1/metrics',
        headers: {
          'content-type': contentType,
          'content-encoding': 'gzip',
          authorization: 'Bearer hush-hush',
          'x-team': 'shop',
        },
      },
    ])
  })

  it.each([
    [400, 'it answered with status 400'],
    [413, 'it answered with status 413'],
    [429, 'it was busy to the end'],
    [503, 'it was busy to the end'],
  ])('tells why an export failed: status %s', async (status, why) => {
    const collector = await startCollector(response => response.writeHead(status).end('hush-hush'))
    const notes = await exportOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    expect(notes.join('\n')).toContain(`failed: ${why}`)
    expect(notes.join('\n')).not.toContain('hush')
  })

  it('tells that nothing listens, and that nothing answers, and conceals a password', async () => {
    const { port } = new URL((await startCollector(() => {})).url)
    const endpoint = `http://user:hush-hush@127.0.0.1:${port}?key=hush-hush`
    const silent = await exportOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
    expect(silent.join('\n')).toMatch(
      /to http:\/\/\*\*\*@127\.0\.0\.1:\d+\/v1\/metrics\?… failed: it did not answer in time/,
    )
    const down = await exportOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` })
    expect(down.join('\n')).toContain('failed: ECONNREFUSED')
    expect([...silent, ...down].join('\n')).not.toContain('hush')
  })

  it('counts points that a collector rejected', async () => {
    const collector = await startCollector(response => response.end('{"partialSuccess":{"rejectedDataPoints":"12"}}'))
    const notes = await exportOnce({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    })
    expect(notes.join('\n')).toContain('12 points were rejected')
  })
})
