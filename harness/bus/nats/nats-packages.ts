import { ClusterUnavailable } from '../message-bus.ts'

/** The packages of NATS. */
export type NatsPackages = Awaited<ReturnType<typeof load>>

/** Loads the packages, which are optional: most runs need no cluster. @throws ClusterUnavailable */
export async function loadNatsPackages(): Promise<NatsPackages> {
  try {
    return await load()
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
    throw new ClusterUnavailable(
      isMissing
        ? '--cluster needs the packages of NATS, which are not installed'
        : '--cluster cannot use the packages of NATS that are installed',
      'Install them beside loadcell: npm install --save-dev @nats-io/transport-node @nats-io/jetstream',
      { cause: error },
    )
  }
}

async function load() {
  const { connect, errors, credsAuthenticator, nkeyAuthenticator, nuid } = await import('@nats-io/transport-node')
  const { jetstream, jetstreamManager, JetStreamApiError } = await import('@nats-io/jetstream')
  return {
    connect,
    errors,
    credsAuthenticator,
    nkeyAuthenticator,
    nuid,
    jetstream,
    jetstreamManager,
    JetStreamApiError,
  }
}
