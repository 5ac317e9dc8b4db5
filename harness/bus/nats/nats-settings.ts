import { readRegularFile, UnreadFile } from '../../../core/regular-file.ts'
import { ClusterUnavailable } from '../message-bus.ts'

/** How a NATS server is reached, as the command line and the environment say it. */
export interface NatsFlags {
  /** One URL, or several with commas between them. */
  cluster: string
  clusterCreds?: string
  clusterNkey?: string
  clusterCa?: string
  clusterCert?: string
  clusterKey?: string
}

/** Settings of a connection. Everything but the place may be secret. */
export interface NatsSettings {
  servers: string[]
  /** The servers, without credentials. */
  place: string
  login: NatsLogin
  /** Absent where the connection need not be encrypted. */
  tls?: { ca?: string; cert?: string; key?: string }
}

type NatsLogin =
  | { by: 'nothing' }
  | { by: 'password'; user: string; pass: string }
  | { by: 'token'; token: string }
  | { by: 'credentials file' | 'nkey'; text: string }

const EXAMPLE = 'Give the URL of a NATS server such as nats://10.0.0.5:4222, or tls://user:password@nats.example:4222.'
const MOST_FILE_BYTES = 1024 * 1024
const DEFAULT_PORT = '4222'

/** @throws ClusterUnavailable, whose message shows no credentials */
export function readNatsSettings(flags: NatsFlags, env: NodeJS.ProcessEnv): NatsSettings {
  const urls = flags.cluster.split(',').map(text => urlOf(text.trim()))
  const servers = urls.map(({ hostname, port }) => `${hostname}:${port || DEFAULT_PORT}`)
  const isEncrypted = urls.some(({ protocol }) => protocol === 'tls:')
  const files = {
    ca: textOf('--cluster-ca', flags.clusterCa),
    cert: textOf('--cluster-cert', flags.clusterCert),
    key: textOf('--cluster-key', flags.clusterKey),
  }
  if ((files.cert === undefined) !== (files.key === undefined))
    throw new ClusterUnavailable('--cluster-cert and --cluster-key belong together', 'Give both, or neither.')
  const tls = Object.fromEntries(Object.entries(files).filter(([, text]) => text !== undefined))
  return {
    servers,
    place: servers.map((server, index) => `${urls[index]!.protocol}//${server}`).join(','),
    login: loginOf(flags, urls, env),
    ...((isEncrypted || Object.keys(tls).length > 0) && { tls }),
  }
}

function urlOf(text: string): URL {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `nats://${text}`)
  const isUsable = url !== null && /^(?:nats|tls):$/.test(url.protocol) && url.hostname !== ''
  // A password with an unencoded character that ends the host would put parts of it into the path.
  if (isUsable && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '') return url
  throw new ClusterUnavailable('--cluster: expected nats://host:port or tls://host:port, got another text', EXAMPLE)
}

function loginOf(flags: NatsFlags, urls: readonly URL[], env: NodeJS.ProcessEnv): NatsLogin {
  const { username, password } = urls.find(url => url.username !== '') ?? { username: '', password: '' }
  const token = env['LOADCELL_CLUSTER_TOKEN'] ?? ''
  const [user, pass] = [env['LOADCELL_CLUSTER_USER'] ?? '', env['LOADCELL_CLUSTER_PASSWORD'] ?? '']
  const given: [string, NatsLogin][] = []
  if (flags.clusterCreds !== undefined)
    given.push([
      '--cluster-creds',
      { by: 'credentials file', text: textOf('--cluster-creds', flags.clusterCreds) ?? '' },
    ])
  if (flags.clusterNkey !== undefined)
    given.push(['--cluster-nkey', { by: 'nkey', text: (textOf('--cluster-nkey', flags.clusterNkey) ?? '').trim() }])
  if (username !== '')
    given.push([
      'a user in the URL',
      password === ''
        ? { by: 'token', token: decoded(username) }
        : { by: 'password', user: decoded(username), pass: decoded(password) },
    ])
  if (token !== '') given.push(['LOADCELL_CLUSTER_TOKEN', { by: 'token', token }])
  if (user !== '') given.push(['LOADCELL_CLUSTER_USER', { by: 'password', user, pass }])
  if (given.length > 1) {
    throw new ClusterUnavailable(
      `NATS takes one kind of credentials, and there are ${given.map(([name]) => name).join(' and ')}`,
      'Give one of them.',
    )
  }
  return given[0]?.[1] ?? { by: 'nothing' }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function textOf(flag: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readRegularFile(path, MOST_FILE_BYTES)
  } catch (error) {
    if (!(error instanceof UnreadFile)) throw error
    const why = { missing: 'there is no such file', 'no file': 'it is not a file', 'too large': 'it is too large' }
    const detail = error.why === 'unreadable' ? error.message : why[error.why]
    throw new ClusterUnavailable(`${flag} ${path}: ${detail}`, 'Give the path of a file that can be read.')
  }
}
