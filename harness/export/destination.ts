import { concealUrl } from '../client/address/url-credentials.ts'

/** A monitoring system that gets the metrics of a run while it goes on. */
export type Destination = { kind: 'otlp' } | { kind: 'prometheus'; host: string; port: number }

/** The default of OpenTelemetry for endpoints of this kind. */
const PROMETHEUS_PORT = 9464
const LOOPBACK = '127.0.0.1'

/** `[host:]port`; a host with colons is in brackets. */
const ADDRESS = /^(?:(\[[0-9a-f:.%]+\]|[^\s:/[\]]*):)?(\d{1,5})$/i

/** Reads a destination of `--export`. @throws RangeError with what was expected */
export function parseDestination(text: string): Destination {
  if (text === 'otlp') return { kind: 'otlp' }
  if (text.startsWith('otlp='))
    throw new RangeError('expected otlp without an address; set OTEL_EXPORTER_OTLP_ENDPOINT to that of the collector')
  if (text === 'prometheus') return { kind: 'prometheus', host: LOOPBACK, port: PROMETHEUS_PORT }
  const [, host, port] = ADDRESS.exec(/^prometheus=(.*)$/s.exec(text)?.[1] ?? '') ?? []
  if (port === undefined || Number(port) > 65_535) {
    throw new RangeError(
      `expected otlp, prometheus, or prometheus=host:port such as prometheus=127.0.0.1:9464, got ${JSON.stringify(concealUrl(text))}`,
    )
  }
  return { kind: 'prometheus', host: host?.replace(/^\[|\]$/g, '') || LOOPBACK, port: Number(port) }
}
