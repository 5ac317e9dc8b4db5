import { BlockList, isIP } from 'node:net'
import type { onRequestHookHandler } from 'fastify'
import { bearerToken } from '../auth/guard.ts'
import { matchesDigest, secretDigest } from '../auth/constant-time.ts'
import type { Settings } from '../configuration/settings.ts'
import { ProblemError } from '../problem.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/**
 * Refuses what a browser sends for a page of another origin: such a page could reset the target of whoever looks at it. A page
 * of the target itself is let through, as are clients that are no browsers and send no such headers. A page that reaches a
 * target on loopback under a name of its own, by DNS rebinding, is of another origin too, whatever its headers say.
 */
export function refuseForeignPages(settings: Settings): onRequestHookHandler {
  return ({ raw: { headers, socket } }, _reply, done) => {
    const { origin, host, 'sec-fetch-site': site } = headers
    if (origin !== undefined && !isOriginOf(host, origin)) {
      return done(new ProblemError('foreign_page', `expected no Origin or that of the target, got ${inWords(origin)}`))
    }
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      const detail = `expected Sec-Fetch-Site to be same-origin or none, got ${inWords(site)}`
      return done(new ProblemError('foreign_page', detail))
    }
    if (isLoopbackAddress(socket.localAddress ?? '') && isRebound(host, settings.current.http.host)) {
      const detail = `expected Host to be localhost, an address or http.host, got ${inWords(String(host))}`
      return done(new ProblemError('foreign_page', detail))
    }
    done()
  }
}

function isOriginOf(host: string | undefined, origin: string): boolean {
  const [, authority] = /^https?:\/\/(.+)$/i.exec(origin) ?? []
  if (authority === undefined || host === undefined) return false
  // Of the scheme, a proxy in between may know more than the target.
  return authority.toLowerCase() === host.toLowerCase()
}

/** Whether a Host is a name that somebody else's DNS may have led here; an address cannot be such a name. */
function isRebound(host: string | undefined, ownName: string): boolean {
  if (host === undefined) return false
  const name = nameIn(host)
  return isIP(name) === 0 && !isLoopbackHost(host) && name.toLowerCase() !== ownName.toLowerCase()
}

function inWords(value: string): string {
  return JSON.stringify(value.slice(0, 80))
}

/** Who may use the control plane: whoever holds `control.token`, or if there is none, this machine. */
export function controlAccess(settings: Settings): onRequestHookHandler {
  let { token } = settings.current.control
  let digest = secretDigest(token)
  settings.onChange(next => {
    token = next.control.token
    digest = secretDigest(token)
  })
  return ({ raw }, _reply, done) => {
    if (token === '') done(refuseRemote(raw.socket.remoteAddress, raw.headers.host, settings.current.http.host))
    else done(refuseStranger(raw.headers.authorization, digest))
  }
}

function refuseStranger(authorization: string | undefined, digest: Buffer): ProblemError | undefined {
  const shown = authorization === undefined ? undefined : bearerToken(authorization)
  if (shown !== undefined && matchesDigest(shown, digest)) return undefined
  return new ProblemError('control_forbidden', 'expected Authorization: Bearer with the token of control.token')
}

/** The peer is what the socket says; the name it used is checked too, since a browser can be talked into using another. */
function refuseRemote(
  address: string | undefined,
  host: string | undefined,
  ownName: string,
): ProblemError | undefined {
  const isOurs = isLoopbackHost(host) || nameIn(host ?? '').toLowerCase() === ownName.toLowerCase()
  if (address !== undefined && isLoopbackAddress(address) && isOurs) return undefined
  return new ProblemError('control_forbidden', 'open to this machine only; set control.token to open it to others')
}

export function isLoopbackAddress(address: string): boolean {
  return loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
}

/** Addresses that a client can connect to, and reaches its own machine by. */
const UNSPECIFIED = ['0.0.0.0', '::']

/** A Host header that names this machine. None at all comes from no browser. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return true
  const name = nameIn(host)
  // RFC 6761 §6.3: all names below it are this machine as well, and nobody's DNS may say otherwise.
  return /^(?:.+\.)?localhost$/i.test(name) || isLoopbackAddress(name) || UNSPECIFIED.includes(name)
}

/** The name or the address in a Host header, without its port and without the dot of the root. */
function nameIn(host: string): string {
  return host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
