import { BlockList } from 'node:net'
import type { onRequestHookHandler } from 'fastify'
import { bearerToken } from '../auth/guard.ts'
import { matchesDigest, secretDigest } from '../auth/constant-time.ts'
import type { Settings } from '../configuration/settings.ts'
import { ProblemError } from '../problem.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Who may use the control plane: whoever holds `control.token`, or if there is none, this machine. */
export function controlAccess(settings: Settings): onRequestHookHandler {
  let { token } = settings.current.control
  let digest = secretDigest(token)
  settings.onChange(next => {
    token = next.control.token
    digest = secretDigest(token)
  })
  return ({ raw }, _reply, done) => {
    if (token === '') done(refuseRemote(raw.socket.remoteAddress, raw.headers.host))
    else done(refuseStranger(raw.headers.authorization, digest))
  }
}

function refuseStranger(authorization: string | undefined, digest: Buffer): ProblemError | undefined {
  const shown = authorization === undefined ? undefined : bearerToken(authorization)
  if (shown !== undefined && matchesDigest(shown, digest)) return undefined
  return new ProblemError('control_forbidden', 'expected Authorization: Bearer with the token of control.token')
}

/** The peer is what the socket says; the name it used is checked too, since a browser can be talked into using another. */
function refuseRemote(address: string | undefined, host: string | undefined): ProblemError | undefined {
  if (address !== undefined && isLoopbackAddress(address) && isLoopbackHost(host)) return undefined
  return new ProblemError('control_forbidden', 'open to this machine only; set control.token to open it to others')
}

export function isLoopbackAddress(address: string): boolean {
  return loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
}

/** A Host header that names this machine. None at all comes from no browser. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return true
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
  return name.toLowerCase() === 'localhost' || isLoopbackAddress(name)
}
