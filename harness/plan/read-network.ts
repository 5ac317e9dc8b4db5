import type { Network } from '../client/engine/network.ts'
import type { Proxies } from '../client/engine/proxy/proxy.ts'
import { alwaysThrough, proxiesOf } from '../client/proxies/environment.ts'
import { concealUrl } from '../client/address/url-credentials.ts'
import { parseProxy } from '../client/proxies/parse-proxy.ts'
import type { HttpVersion } from '../scenario/http-version.ts'
import type { Inspector } from './inspector.ts'
import { readTls, type TlsFlags } from './read-tls.ts'

/** Options of the command line about connections, which replace those of the scenario. */
export interface NetworkFlags extends TlsFlags {
  /** URL of a proxy for everything; false for none. */
  proxy?: string | false
  httpVersion?: HttpVersion
}

/** Where the options of connections come from, besides the scenario. */
export interface NetworkSources {
  flags?: NetworkFlags
  /** Folder that the scenario's paths are relative to; default: the working directory. */
  folder?: string
  /** Variables about proxies, and the passphrase of a key; default: none. */
  env?: Readonly<Record<string, string | undefined>>
}

/** Reads and checks how connections are made. @param warn told what is doubtful, but no error. */
export function readNetwork(
  inspector: Inspector,
  written: { tls?: unknown; proxy?: unknown },
  { flags = {}, folder = process.cwd(), env = {} }: NetworkSources,
  warn: (note: string) => void,
): Network {
  const passphrase = env['LOADCELL_KEY_PASSPHRASE']
  return {
    tls: readTls(inspector, 'tls', written.tls, { flags, folder, passphrase }, warn),
    proxies: readProxies(inspector, written.proxy, flags.proxy, env),
  }
}

function readProxies(
  inspector: Inspector,
  written: unknown,
  flag: NetworkFlags['proxy'],
  env: NonNullable<NetworkSources['env']>,
): Proxies | undefined {
  const [place, given] = flag === undefined ? ['proxy', written] : ['--proxy', flag]
  if (given === false) return undefined
  try {
    if (given === undefined) return proxiesOf(env)
    const url = inspector.text(place, given)
    return url === '' ? undefined : alwaysThrough(parseProxy(url))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    inspector.note(given === undefined ? '' : place, error.message)
    return undefined
  }
}

/** Returns what the command line set, for a repetition; without secrets. */
export function networkOverrides({ flags }: NetworkSources = {}): NetworkFlags {
  const { ca, cert, key, insecure, proxy, httpVersion } = flags ?? {}
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(insecure && { insecure }),
    ...(httpVersion !== undefined && { httpVersion }),
    ...(proxy !== undefined && { proxy: proxy && concealUrl(proxy) }),
  }
}
