import type { Query } from '../../scenario/http.ts'
import { identityHeaders } from '../message/request-head.ts'
import { type Route, Routes } from './routes.ts'
import { type Target, parseTarget, pathOn } from './target.ts'

/** Another server that a scenario declares. */
export interface DeclaredHost {
  name: string
  /** URL that load is sent to. */
  url: string
  /** URL in the scenario, where the command line gives another. Complete URLs of it lead to `url`. */
  writtenUrl?: string
  /** Whether it receives the token of the user. */
  token: boolean
  /** Whether requests tell it their run and key. */
  identify: boolean
}

/** A server that load is sent to: the target, or another host of the scenario. */
export interface Host {
  /** Undefined for the target. */
  readonly name: string | undefined
  readonly address: Target
  /** Address in the scenario, where it differs. */
  readonly writtenAddress: Target | undefined
  readonly routes: Routes
  /** Headers of every request and handshake. */
  readonly identity: Record<string, string>
  /** Headers of every request: one object, which engines write once. */
  readonly shared: Record<string, string>
  /** Whether requests tell their key. */
  readonly identified: boolean
  /** Whether it receives the token of the user. */
  readonly takesToken: boolean
}

export interface HostsOptions {
  declared?: readonly DeclaredHost[] | undefined
  runId: string
  userAgent: string | undefined
  /** Value of `Accept-Encoding` of requests. */
  acceptEncoding: string
  /** Version of the harness, for `User-Agent`. */
  version: string | undefined
  /** Whether requests tell the target their run and key. */
  identify: boolean
}

/** The servers of a scenario. Load is sent to no others, except where the target's own responses lead. */
export class Hosts {
  readonly target: Host
  readonly others: readonly Host[]
  readonly #byName: ReadonlyMap<string, Host>

  /** @throws TypeError for an invalid URL. */
  constructor(target: Target, options: HostsOptions) {
    const { declared = [], runId, version, identify } = options
    const headersOf = ({ authorization }: Target, identified: boolean) => {
      const userAgent = options.userAgent ?? userAgentOf(version)
      const identity = identityHeaders({ userAgent, runId: identified ? runId : undefined, authorization })
      return { identity, shared: { ...identity, 'accept-encoding': options.acceptEncoding } }
    }
    this.target = {
      name: undefined,
      address: target,
      writtenAddress: undefined,
      routes: new Routes(target),
      ...headersOf(target, identify),
      identified: identify,
      takesToken: true,
    }
    this.others = declared.map(({ name, url, writtenUrl, token, identify }) => {
      const address = parseTarget(url, target.groupSuffix)
      return {
        name,
        address,
        writtenAddress: writtenUrl === undefined ? undefined : parseTarget(writtenUrl),
        routes: new Routes(address, name),
        ...headersOf(address, identify),
        identified: identify,
        takesToken: token,
      }
    })
    this.#byName = new Map(this.others.map(host => [host.name as string, host]))
  }

  /** Returns the server that a path or complete URL names; the target for anything unknown, which `pathAt` refuses. */
  of(path: string): Host {
    // Scenarios without types may give a URL.
    if (this.others.length === 0 || (typeof path === 'string' && path.startsWith('/'))) return this.target
    const [, name] = NAMED.exec(path) ?? []
    return (name === undefined ? this.#ofUrl(path) : this.#byName.get(name)) ?? this.target
  }

  /** Returns the server at an origin; undefined for one that the scenario does not declare. */
  at(origin: string): Host | undefined {
    if (origin === this.target.address.origin) return this.target
    return this.others.find(({ address }) => address.origin === origin)
  }

  /** Returns the complete URL of a path or URL. @throws TypeError for what is neither. */
  urlOf(path: string): URL {
    const host = this.of(path)
    const url = host === this.target && !path.startsWith('/') ? URL.parse(path) : null
    // A jar holds cookies of any server.
    if (url !== null && /^(https?|wss?):$/.test(url.protocol)) return new URL(url.href.replace(/^ws/, 'http'))
    return new URL(host.address.origin + pathAt(host, path))
  }

  /** Returns the route of a URL from a response. */
  routeAt(method: string, url: URL, name?: string): Route {
    const host = this.at(url.origin)
    return host === undefined
      ? this.target.routes.elsewhere(method, url, name)
      : host.routes.of(method, url.pathname, name)
  }

  #ofUrl(path: string): Host | undefined {
    const url = URL.parse(path)
    const origin = url?.origin.replace(/^ws/, 'http')
    if (url === null || origin === this.target.address.origin) return undefined
    const addresses = this.others.flatMap(host => {
      const address = [host.address, host.writtenAddress].find(each => each?.origin === origin)
      return address === undefined ? [] : [{ host, address }]
    })
    // Several hosts may share an origin, below different paths.
    const fitting = addresses.find(({ address: { basePath } }) => isWithinPath(basePath, url.pathname)) ?? addresses[0]
    return fitting?.host
  }
}

function isWithinPath(basePath: string, pathname: string): boolean {
  return basePath !== '' && `${pathname}/`.startsWith(`${basePath}/`)
}

/** Matches `api:/v1/orders`, and no complete URL. */
const NAMED = /^([a-z][\w-]*):\/(?!\/)/i

/** Returns the path of a request at its server as it is sent. @throws TypeError for a path that is not one of this server. */
export function pathAt({ name, address, writtenAddress }: Host, path: string, query?: Query): string {
  if (name === undefined) return pathOn(address, path, query)
  if (NAMED.test(path)) return pathOn(address, path.slice(name.length + 1), query)
  const written = writtenAddress === undefined ? null : URL.parse(path)
  if (writtenAddress === undefined || written?.origin.replace(/^ws/, 'http') !== writtenAddress.origin) {
    return pathOn(address, path, query)
  }
  const { basePath } = writtenAddress
  const whole = pathOn({ ...writtenAddress, query: '', groupSuffix: '' }, path)
  return pathOn(address, whole.startsWith(`${basePath}/`) ? whole.slice(basePath.length) : whole, query)
}

export function userAgentOf(version: string | undefined): string {
  return version === undefined ? 'loadcell' : `loadcell/${version}`
}
