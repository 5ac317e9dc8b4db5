import { createSecureContext, getCACertificates, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { TlsSettings } from './tls-settings.ts'

/** Contexts of OpenSSL by their settings. A context with authorities of its own takes tens of milliseconds, so that each is created once. */
class Contexts {
  readonly #forTargets = new WeakMap<TlsSettings, SecureContext>()
  readonly #forProxies = new WeakMap<TlsSettings, SecureContext>()

  forTargets(settings: TlsSettings): SecureContext {
    const known = this.#forTargets.get(settings)
    if (known !== undefined) return known
    const context = createSecureContext({ ...authorities(settings), ...settings.identity })
    this.#forTargets.set(settings, context)
    return context
  }

  /** A proxy does not get the certificate of the client. */
  forProxies(settings: TlsSettings): SecureContext {
    const known = this.#forProxies.get(settings)
    if (known !== undefined) return known
    const context = createSecureContext(authorities(settings))
    this.#forProxies.set(settings, context)
    return context
  }
}

/** All connections of this process share them. */
export const contexts = new Contexts()

function authorities({ ca, embedded }: TlsSettings): SecureContextOptions {
  const own = [ca, embedded].filter(pem => pem !== undefined)
  if (own.length === 0) return {}
  // The embedded target may have a certificate of an authority that nobody gave us.
  return { ca: [...getCACertificates('default'), ...own], allowPartialTrustChain: embedded !== undefined }
}
