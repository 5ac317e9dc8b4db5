/** Code of all errors of a proxy. */
export const PROXY_FAILED = 'HARNESS_PROXY'

/** The proxy made no connection. The message names it, without its credentials. */
export class ProxyError extends Error {
  readonly code = PROXY_FAILED
}

/** Advice by the status with which proxies refuse. */
const ADVICE: Record<number, string> = {
  403: 'its rules do not allow this host or port',
  407: 'it wants a user name and a password: put them into its URL, as in http://user:password@host:port',
  502: 'it could not reach the target',
  503: 'it could not reach the target',
  504: 'it could not reach the target in time',
}

/** Returns the words for a proxy that refuses with a status. */
export function proxyRefusal(shown: string, status: number, hadCredentials: boolean): string {
  const advice =
    status === 407 && hadCredentials ? 'it does not accept the user name and password of its URL' : ADVICE[status]
  return `the proxy ${shown} answered ${status}${advice === undefined ? '' : `: ${advice}`}`
}
