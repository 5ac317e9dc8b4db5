import { ExportUnavailable } from '../live-export.ts'

/** Settings of an export by OTLP, from the variables that OpenTelemetry has standardised. */
export interface OtlpSettings {
  protocol: OtlpProtocol
  /** URL that metrics are posted to. It may contain credentials. */
  url: string
  intervalMs: number
  /** Limit of one export with all its retries. */
  timeoutMs: number
  /** Describes the run to the collector, with `service.name`. */
  resource: Record<string, string>
  histograms: 'exponential' | 'explicit'
}

const protocols = ['http/protobuf', 'http/json'] as const
export type OtlpProtocol = (typeof protocols)[number]

const SERVICE_NAME = 'loadcell'
const URL_OF_COLLECTOR = 'http://localhost:4318'
/** The standard has 60 s, which is longer than many load tests. */
const INTERVAL_MS = 10_000
const TIMEOUT_MS = 10_000
const histogramKinds = {
  base2_exponential_bucket_histogram: 'exponential',
  explicit_bucket_histogram: 'explicit',
} as const

/**
 * Reads the variables. Those that this does not return, such as headers, certificates and compression, are read by the
 * exporter itself and only checked here: their values may be secrets, so that no message shows them.
 * @throws ExportUnavailable for a value that cannot be used
 */
export function readEnvironment(env: NodeJS.ProcessEnv): OtlpSettings {
  checkTemporality(env)
  for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_METRICS_HEADERS']) {
    if (pairsIn(env[name]) === undefined)
      throw invalid(name, 'keys and values such as authorization=Bearer%20secret, with commas between them')
  }
  return {
    protocol: protocolIn(env),
    url: urlIn(env),
    intervalMs: milliseconds(env, ['OTEL_METRIC_EXPORT_INTERVAL']) ?? INTERVAL_MS,
    timeoutMs: milliseconds(env, ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT']) ?? TIMEOUT_MS,
    resource: resourceIn(env),
    histograms: histogramsIn(env),
  }
}

function protocolIn(env: NodeJS.ProcessEnv): OtlpProtocol {
  const [name, value] = given(env, ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) ?? []
  if (name === undefined) return 'http/protobuf'
  const protocol = protocols.find(each => each === value)
  if (protocol !== undefined) return protocol
  throw invalid(name, `${protocols.join(' or ')}; collectors listen for them on port 4318`, value)
}

function urlIn(env: NodeJS.ProcessEnv): string {
  const [name, value] = given(env, ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']) ?? []
  const url = URL.parse(value ?? URL_OF_COLLECTOR)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw invalid(name ?? '', 'the URL of a collector such as http://127.0.0.1:4318')
  if (name === 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT') return url.href
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/metrics`
  return url.href
}

function resourceIn(env: NodeJS.ProcessEnv): Record<string, string> {
  const attributes = pairsIn(env['OTEL_RESOURCE_ATTRIBUTES'])
  if (attributes === undefined)
    throw invalid('OTEL_RESOURCE_ATTRIBUTES', 'keys and values such as deployment.environment.name=staging,team=shop')
  const [, serviceName] = given(env, ['OTEL_SERVICE_NAME']) ?? []
  return {
    'service.name': SERVICE_NAME,
    ...attributes,
    ...(serviceName !== undefined && { 'service.name': serviceName }),
  }
}

/** The series are sums over the whole run, which a collector can turn into differences. */
function checkTemporality(env: NodeJS.ProcessEnv): void {
  const name = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'
  const value = env[name]?.toLowerCase() ?? ''
  if (value === '' || value === 'cumulative') return
  throw invalid(name, 'cumulative; where deltas are needed, use the processor cumulativetodelta of a collector', value)
}

function histogramsIn(env: NodeJS.ProcessEnv): OtlpSettings['histograms'] {
  const name = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'
  const value = env[name]?.toLowerCase() ?? ''
  if (value === '') return 'exponential'
  if (Object.hasOwn(histogramKinds, value)) return histogramKinds[value as keyof typeof histogramKinds]
  throw invalid(name, Object.keys(histogramKinds).join(' or '), value)
}

function milliseconds(env: NodeJS.ProcessEnv, names: readonly string[]): number | undefined {
  const [name, value] = given(env, names) ?? []
  if (name === undefined) return undefined
  const number = Number(value)
  if (Number.isFinite(number) && number > 0) return number
  throw invalid(name, 'a number of milliseconds above 0', value)
}

/** Returns the first variable that is set; an empty one counts as not set. */
function given(env: NodeJS.ProcessEnv, names: readonly string[]): [name: string, value: string] | undefined {
  const name = names.find(each => (env[each] ?? '').trim() !== '')
  return name === undefined ? undefined : [name, env[name]!.trim()]
}

/** Reads `key=value` pairs as in W3C Baggage, with percent-encoded values; undefined for any other text. */
function pairsIn(text = ''): Record<string, string> | undefined {
  const pairs: Record<string, string> = {}
  for (const pair of text.split(',').map(each => each.trim())) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    if (at < 1) return undefined
    try {
      pairs[pair.slice(0, at).trim()] = decodeURIComponent(pair.slice(at + 1).trim())
    } catch {
      return undefined
    }
  }
  return pairs
}

/** @param value shown only if it cannot be a secret */
function invalid(name: string, expected: string, value?: string): ExportUnavailable {
  const got = value === undefined ? '' : `, got ${JSON.stringify(value)}`
  return new ExportUnavailable(
    `${name}: expected ${expected}${got}`,
    'docs/reports.md#live-export lists the variables.',
  )
}
