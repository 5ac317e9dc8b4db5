import { ClusterUnavailable, ClusterUnreachable } from '../message-bus.ts'
import type { NatsPackages } from './nats-packages.ts'
import type { NatsSettings } from './nats-settings.ts'

/** Codes of JetStream that say that it has no room. */
const FULL = new Set([10023, 10028, 10047, 10077])

/** Codes of the network that say that nobody is there, perhaps not yet. */
const ABSENT = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
])

/** Returns why there is no connection. The message shows no credentials. */
export function connectingFailure(
  error: Error,
  { place, login, tls }: NatsSettings,
  { errors }: NatsPackages,
): ClusterUnavailable {
  const failure = (why: string, nextStep: string) =>
    new ClusterUnavailable(`NATS at ${place} ${why}`, nextStep, { cause: error })
  const silence = (why: string, nextStep: string) =>
    new ClusterUnreachable(`NATS at ${place} ${why}`, nextStep, { cause: error })
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return login.by === 'nothing'
      ? failure(
          'wants credentials',
          'Give them: in the URL, as LOADCELL_CLUSTER_TOKEN, or with --cluster-creds or --cluster-nkey.',
        )
      : failure(`refuses the ${login.by}`, 'Correct it, or ask who runs the NATS server.')
  }
  if (error instanceof errors.TimeoutError || error.message === 'TIMEOUT')
    return silence('does not answer', 'Is this the port for clients of a NATS server, and is it reachable from here?')
  if (/does not support 'tls'/.test(error.message))
    return failure('offers no TLS', 'Give its URL as nats://…, or configure TLS there.')
  const { code } = ((error.cause as NodeJS.ErrnoException | undefined) ?? error) as NodeJS.ErrnoException
  if (
    /CERT|TLS|SSL|SIGNED|ISSUER|VERIFY/.test(code ?? '') ||
    (tls !== undefined && /tls|certificate/i.test(error.message))
  )
    return failure(
      `cannot be trusted: ${error.message}`,
      '--cluster-ca gives the authority that signed its certificate.',
    )
  if (login.by === 'nkey' || login.by === 'credentials file') {
    if (/seed|creds|checksum|nkey|prefix/i.test(error.message))
      return failure(
        `cannot be asked: the ${login.by} cannot be used`,
        'Give the file that the NATS tools have written.',
      )
  }
  const unreached = ABSENT.has(code ?? error.message) ? silence : failure
  return unreached(
    `cannot be reached: ${code ?? error.message}`,
    'Start it with `nats-server -js`, or correct --cluster.',
  )
}

/** Returns why JetStream did not keep, or give, a bundle. */
export function storageFailure(
  error: Error,
  place: string,
  { JetStreamApiError, errors }: NatsPackages,
): ClusterUnavailable {
  const failure = (why: string, nextStep: string) => new ClusterUnavailable(why, nextStep, { cause: error })
  if (error.name === 'JetStreamNotEnabled' || causes(error).some(each => each instanceof errors.NoRespondersError)) {
    return failure(
      `NATS at ${place} has no JetStream, which keeps the scenario for the workers`,
      'Start it with `nats-server -js`, or enable JetStream for the account of these credentials.',
    )
  }
  if (error instanceof JetStreamApiError) {
    const { err_code: code, description } = error.apiError()
    if (FULL.has(code))
      return failure(
        `JetStream of NATS at ${place} is full: ${description}`,
        'Free some of its storage, or raise its limit.',
      )
    return failure(
      `JetStream of NATS at ${place} refuses: ${description} (${code})`,
      'docs/scaling.md#security has the permissions that it needs.',
    )
  }
  return failure(
    `JetStream of NATS at ${place} does not answer: ${error.message}`,
    'Is it running, and may these credentials use $JS.API.>? docs/scaling.md#security has all permissions.',
  )
}

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : []
}
