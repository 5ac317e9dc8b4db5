import type { Clock } from '../../../core/clock.ts'
import { concealUrlAndQuery } from '../../client/address/url-credentials.ts'
import { ExportUnavailable } from '../live-export.ts'
import { type OtlpProtocol, readEnvironment } from './environment.ts'
import { OtlpExport } from './otlp-export.ts'
import type { OtlpPackages } from './resource-metrics.ts'

const exporters = {
  'http/protobuf': '@opentelemetry/exporter-metrics-otlp-proto',
  'http/json': '@opentelemetry/exporter-metrics-otlp-http',
} as const satisfies Record<OtlpProtocol, string>

export interface OtlpOptions {
  env: NodeJS.ProcessEnv
  clock: Clock
  /** Tells the user something, in a sentence. */
  tell: (note: string) => void
}

/** Opens an export by OTLP with the packages of OpenTelemetry. @throws ExportUnavailable if they or a variable cannot be used */
export async function openOtlpExport({ env, clock, tell }: OtlpOptions): Promise<OtlpExport> {
  const settings = readEnvironment(env)
  const { exporter, diag, DiagLogLevel, ...packages } = await load(settings.protocol)
  const place = concealUrlAndQuery(settings.url)
  const opened = new OtlpExport({ ...settings, packages, exporter, place, clock, tell })
  // The exporter reports only here that a collector took some of the points.
  const warn = (message: string, detail?: unknown) => opened.warned(message, detail)
  const silent = () => {}
  const logger = { warn, error: silent, info: silent, debug: silent, verbose: silent }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  return opened
}

/** Loads the packages, which are optional: most runs export nothing. */
async function load(protocol: OtlpProtocol) {
  try {
    const { diag, DiagLogLevel } = await import('@opentelemetry/api')
    const { resourceFromAttributes } = await import('@opentelemetry/resources')
    const sdk: OtlpPackages['sdk'] = await import('@opentelemetry/sdk-metrics')
    const { OTLPMetricExporter } =
      protocol === 'http/json'
        ? await import('@opentelemetry/exporter-metrics-otlp-http')
        : await import('@opentelemetry/exporter-metrics-otlp-proto')
    return { diag, DiagLogLevel, resourceFromAttributes, sdk, exporter: new OTLPMetricExporter() }
  } catch (error) {
    const wanted = ['@opentelemetry/api', '@opentelemetry/sdk-metrics', '@opentelemetry/resources', exporters[protocol]]
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
    throw new ExportUnavailable(
      missing
        ? '--export otlp needs packages of OpenTelemetry, which are not installed'
        : '--export otlp cannot use the packages of OpenTelemetry that are installed',
      `Install them beside loadcell: npm install --save-dev ${wanted.join(' ')}`,
    )
  }
}
