import { startTarget } from '../../target/app.ts'
import type { TargetUrls } from '../../target/listen.ts'
import {
  ConfigurationError,
  type ConfigurationSources,
  describeConfiguration,
  loadConfiguration,
  serviceVariables,
} from '../../target/configuration/load.ts'
import { GatewayUnavailable } from '../../target/gateways/optional-gateways.ts'
import { ListenError } from '../../target/listen.ts'
import { InputError } from '../process/input-error.ts'
import type { Interrupts } from '../process/interrupts.ts'

/** Message to the parent process over the IPC channel, sent once the target listens. */
export type TargetMessage = TargetUrls

/** @throws InputError */
export function printConfiguration(sources: ConfigurationSources): void {
  process.stdout.write(explained(() => describeConfiguration(sources)))
  tellIgnored(sources)
}

/** Warns on stderr, so that stdout holds only the configuration. */
function tellIgnored({ env }: ConfigurationSources): void {
  const names = serviceVariables(env)
  if (names.length === 0) return
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : ''
  process.stderr.write(
    `loadcell: ignored ${names.slice(0, 3).join(', ')}${rest}: they name services (Kubernetes, Docker links) and set no key\n`,
  )
}

/**
 * Serves until an interrupt: the first gives requests in flight `http.drainTimeout` to complete, the second ends them at once.
 * @throws InputError when the target cannot start
 */
export async function serve(sources: ConfigurationSources, version: string, interrupts: Interrupts): Promise<void> {
  const configuration = explained(() => loadConfiguration(sources))
  tellIgnored(sources)
  const target = await startTarget(configuration, { version }).catch((error: unknown) => {
    if (error instanceof ListenError || error instanceof GatewayUnavailable || isTlsProblem(error))
      throw new InputError((error as Error).message)
    throw error
  })
  const isEmbedded = process.send !== undefined
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(0)
    stopping = true
    if (!isEmbedded)
      process.stderr.write('Stopping when the requests in flight are complete. Interrupt again to stop now.\n')
    void target.close().then(() => process.exit(0))
  }
  interrupts.takeOver(signal => {
    // A Ctrl-C in the terminal reaches an embedded target too, but the harness decides when it stops.
    if (!isEmbedded || signal === 'SIGTERM') stop()
  })
  const { url, controlUrl, tls } = target
  if (isEmbedded) {
    process.on('disconnect', stop)
    process.send?.({ url, controlUrl, ...(tls && { tls }) } satisfies TargetMessage)
  } else {
    process.stdout.write(`Loadcell target listening on ${url} (Ctrl-C stops it)\n`)
    process.stdout.write(`Watch and change it live: ${controlUrl}/_loadcell/ui\n`)
    if (tls !== undefined) process.stdout.write(`SHA-256 of its certificate: ${tls.fingerprint}\n`)
    if (controlUrl !== url) process.stdout.write(`Control plane and /metrics on ${controlUrl}\n`)
  }
}

/** Tells the problems with a certificate by their names: the classes are loaded only with TLS. */
function isTlsProblem(error: unknown): boolean {
  return error instanceof Error && ['TlsIdentityError', 'CertificateMakerMissing'].includes(error.name)
}

function explained<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new InputError(error.message, 'See `loadcell target --print-config` for every key.')
  }
}
