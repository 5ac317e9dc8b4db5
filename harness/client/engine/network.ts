import type { Proxies } from './proxy/proxy.ts'
import type { TlsSettings } from './tls/tls-settings.ts'

/** How connections are made, whatever they carry. */
export interface Network {
  tls?: TlsSettings | undefined
  /** Absent if every connection is direct. */
  proxies?: Proxies | undefined
}
