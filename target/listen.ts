import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Configuration } from '../contract/configuration.ts'

/** The target could not be started; the message says why and what to do next. */
export class ListenError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ListenError'
  }
}

/** Where a port comes from. */
export type PortSetting = 'http.port' | 'control.port'

const another = { 'http.port': '--port 0 takes a free one', 'control.port': '--set control.port=…' }
const unprivileged = { 'http.port': '--port 8080', 'control.port': '--set control.port=9090' }

/**
 * Listens where the configuration says.
 * @returns the URL under which the target is reached from this machine
 * @throws ListenError
 */
export async function listen(
  app: FastifyInstance,
  { host, port }: Pick<Configuration['http'], 'host' | 'port'>,
  setting: PortSetting,
): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw new ListenError(explain(error as NodeJS.ErrnoException, { host, port, setting }), { cause: error })
  }
  return urlOf(host, (app.server.address() as AddressInfo).port)
}

export function urlOf(host: string, port: number): string {
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function explain(
  { code, message }: NodeJS.ErrnoException,
  { host, port, setting }: { host: string; port: number; setting: PortSetting },
): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${host} is in use by another program: stop it, or choose another port (${another[setting]})`
    case 'EACCES':
      return `port ${port} may not be opened by this user: choose one from 1024 up (${unprivileged[setting]})`
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host}: choose one it has (--host 127.0.0.1, or 0.0.0.0 for all)`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name ${host} does not resolve: give an address (--host 127.0.0.1)`
    case undefined:
    default:
      return `the target cannot listen on ${host}:${port}: ${message}`
  }
}
