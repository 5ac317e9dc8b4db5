import { createSecureContext, rootCertificates } from 'node:tls'
import type { ChannelCredentials, Client } from '@grpc/grpc-js'
import type { Host } from '../address/hosts.ts'
import type { Network } from '../engine/network.ts'
import type { TlsSettings } from '../engine/tls/tls-settings.ts'
import type { GrpcPackages } from './packages.ts'

/** The same limits as those of other answers. */
const MOST_MESSAGE_BYTES = 64 * 1024 * 1024

/** Opens a connection to a host that belongs to one user, as clients of gRPC have one each. It is made with the first call. */
export function openChannel({ js }: GrpcPackages, host: Host, network: Network | undefined): Client {
  const { origin } = host.address
  const url = new URL(origin)
  const isSecure = url.protocol === 'https:'
  const port = url.port === '' ? (isSecure ? '443' : '80') : url.port
  const tls = network?.tls
  const serverName = host.name === undefined ? tls?.serverName : undefined
  return new js.Client(
    `${url.hostname}:${port}`,
    isSecure ? secureCredentials(js, tls) : js.credentials.createInsecure(),
    {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_http_proxy': 0,
      // Each attempt is a call of its own, which the scenario makes.
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.initial_reconnect_backoff_ms': 1000,
      'grpc.max_reconnect_backoff_ms': 5000,
      'grpc.max_receive_message_length': MOST_MESSAGE_BYTES,
      ...(host.identity['user-agent'] !== undefined && { 'grpc.primary_user_agent': host.identity['user-agent'] }),
      ...(serverName !== undefined && {
        'grpc.ssl_target_name_override': serverName,
        'grpc.default_authority': serverName,
      }),
    },
  )
}

function secureCredentials(js: GrpcPackages['js'], tls: TlsSettings | undefined): ChannelCredentials {
  const { ca, embedded, identity, insecure } = tls ?? {}
  const own = [ca, embedded].filter(each => each !== undefined)
  const context = createSecureContext({
    ...(own.length > 0 && { ca: [...rootCertificates, ...own] }),
    ...(identity !== undefined && { cert: identity.cert, key: identity.key, passphrase: identity.passphrase }),
  })
  return js.credentials.createFromSecureContext(context, insecure === true ? { rejectUnauthorized: false } : {})
}
