import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { onRequestHookHandler } from 'fastify'
import { bearerToken } from '../auth/guard.ts'
import { matchesDigest, secretDigest } from '../auth/clients.ts'
import { derive, type Settings } from '../configuration/settings.ts'
import { ProblemError } from '../exchange/problem.ts'
import { quotedStart } from '../../core/quoted-start.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/**
 * Refuses requests from web pages of other origins, which could reset the target of the person who views them. Pages of
 * the target itself pass, and so do clients other than browsers, which send no such headers. A page that reaches a
 * loopback target under its own name (DNS rebinding) counts as foreign, whatever its headers say.
 */
export function refuseForeignPages(settings: Settings): onRequestHookHandler {
  return ({ raw: { headers, socket } }, _reply, done) => {
    const { origin, host, 'sec-fetch-site': site } = headers
    if (origin !== undefined && !isOriginOf(host, origin)) {
      return done(
        new ProblemError('foreign_page', `expected no Origin or that of the target, got ${quotedStart(origin)}`),
      )
    }
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      const detail = `expected Sec-Fetch-Site to be same-origin or none, got ${quotedStart(site)}`
      return done(new ProblemError('foreign_page', detail))
    }
    if (isLoopbackAddress(socket.localAddress ?? '') && isRebound(host, settings.current.http.host)) {
      const detail = `expected Host to be localhost, an address or http.host, got ${quotedStart(String(host))}`
      return done(new ProblemError('foreign_page', detail))
    }
    done()
  }
}

function isOriginOf(host: string | undefined, origin: string): boolean {
  const [, authority] = /^https?:\/\/(.+)$/i.exec(origin) ?? []
  if (authority === undefined || host === undefined) return false
  // The scheme is not compared: a proxy may terminate TLS.
  return authority.toLowerCase() === host.toLowerCase()
}

/** Whether a Host is a name that foreign DNS may have pointed here. An address cannot be. */
function isRebound(host: string | undefined, ownName: string): boolean {
  if (host === undefined) return false
  const name = nameIn(host)
  return isIP(name) === 0 && !isLoopbackHost(host) && name.toLowerCase() !== ownName.toLowerCase()
}

/** Admits holders of `control.token` to the control plane; if there is no token, only clients on this machine. */
export function controlAccess(settings: Settings): onRequestHookHandler {
  const refusal = controlRefusal(settings)
  return ({ raw }, _reply, done) => done(refusal(raw))
}

/** Returns why a client may not use the control plane; undefined if it may. */
export function controlRefusal(settings: Settings): (request: IncomingMessage) => ProblemError | undefined {
  const digest = derive(settings, ({ control: { token } }) => digestOf(token))
  return ({ headers, socket }) =>
    digest.current === undefined
      ? refuseRemote(socket.remoteAddress, headers.host, settings.current.http.host)
      : refuseStranger(headers.authorization, digest.current)
}

/** Admits those who may use the control plane, and holders of `control.viewToken`, who may only look at the live page. */
export function viewerAccess(settings: Settings): onRequestHookHandler {
  const refusal = controlRefusal(settings)
  const digest = derive(settings, ({ control: { viewToken } }) => digestOf(viewToken))
  return ({ raw }, _reply, done) => {
    const isViewer =
      digest.current !== undefined && refuseStranger(raw.headers.authorization, digest.current) === undefined
    done(isViewer ? undefined : refusal(raw))
  }
}

/** Admits everybody to the files of the live page if there is a token to show, and otherwise clients on this machine. */
export function pageAccess(settings: Settings): onRequestHookHandler {
  return ({ raw: { socket, headers } }, _reply, done) => {
    const { control, http } = settings.current
    const isOpen = control.token !== '' || control.viewToken !== ''
    done(isOpen ? undefined : refuseRemote(socket.remoteAddress, headers.host, http.host))
  }
}

function digestOf(token: string): Buffer | undefined {
  return token === '' ? undefined : secretDigest(token)
}

function refuseStranger(authorization: string | undefined, digest: Buffer): ProblemError | undefined {
  const shown = authorization === undefined ? undefined : bearerToken(authorization)
  if (shown !== undefined && matchesDigest(shown, digest)) return undefined
  return new ProblemError('control_forbidden', 'expected Authorization: Bearer with the token of control.token')
}

/** Checks the peer address, and also the name in Host, because a browser can be made to use another name. */
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

/** Unspecified addresses, which a client uses to reach its own machine. */
const UNSPECIFIED = ['0.0.0.0', '::']

/** Whether a Host header names this machine. A request without one does not come from a browser. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return true
  const name = nameIn(host)
  // RFC 6761 §6.3: names below localhost are this machine too, and DNS must not resolve them otherwise.
  return /^(?:.+\.)?localhost$/i.test(name) || isLoopbackAddress(name) || UNSPECIFIED.includes(name)
}

/** Returns the name or address in a Host header, without its port and the dot of the root domain. */
function nameIn(host: string): string {
  return host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
