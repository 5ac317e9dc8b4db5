import { authorizationOf, concealUrl, hasUnencodedAt } from '../address/url-credentials.ts'
import type { Proxy } from '../engine/proxy/proxy.ts'

/** Reads the URL of a proxy; `http://` may be left out. @throws TypeError without credentials. */
export function parseProxy(text: string): Proxy {
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.parse(whole)
  const got = JSON.stringify(concealUrl(text))
  if (url?.protocol.startsWith('socks'))
    throw new TypeError(`expected an HTTP proxy such as http://127.0.0.1:3128, got a SOCKS proxy: ${got}`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw new TypeError(`expected the URL of a proxy such as http://127.0.0.1:3128, got ${got}`)
  if (hasUnencodedAt(url))
    throw new TypeError(`expected a password whose @, /, ? and # are percent-encoded, got ${got}`)
  const isSecure = url.protocol === 'https:'
  return {
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: Number(url.port || (isSecure ? 443 : 80)),
    isSecure,
    authorization: authorizationOf(url),
    url: whole,
    shown: url.origin,
  }
}
