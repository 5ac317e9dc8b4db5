import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Configuration } from '../configuration/configuration.ts'
import { CertificateMaker, type CertifiedKey } from './certificate-maker.ts'

/** Thrown when the files of `tls` cannot be used. The message names the setting, and holds nothing of a key. */
export class TlsIdentityError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TlsIdentityError'
  }
}

/** The certificate that the target shows over TLS, and those that it asks for. */
export interface TlsIdentity {
  readonly certified: CertifiedKey
  /** SHA-256 of the certificate, in pairs of digits with colons. */
  readonly fingerprint: string
  /** Certificate that clients trust: the authority that was made, or the target's own certificate (PEM). */
  readonly trusted: string
  /** Makes certificates with flaws, of the same authority if the certificate was made too. */
  readonly maker: () => Promise<CertificateMaker>
  /** Authorities of the clients' certificates (PEM). */
  readonly clientAuthorities: string | undefined
}

/** Reads or makes the certificate of the target. @throws TlsIdentityError or CertificateMakerMissing */
export async function createIdentity({ tls, http }: Pick<Configuration, 'tls' | 'http'>): Promise<TlsIdentity> {
  const clientAuthorities = readClientAuthorities(tls)
  if (tls.cert !== '') {
    const certified = readCertified(tls)
    let making: Promise<CertificateMaker> | undefined
    return {
      certified,
      fingerprint: new X509Certificate(certified.cert).fingerprint256,
      trusted: certified.cert,
      maker: () => (making ??= CertificateMaker.create(http.host)),
      clientAuthorities,
    }
  }
  if (tls.key !== '') throw new TlsIdentityError('tls.key: expected tls.cert with it, the certificate of this key')
  const maker = await CertificateMaker.create(http.host)
  const certified = await maker.make()
  if (tls.caFile !== '') writeAuthority(tls.caFile, maker.authority.cert)
  return {
    certified,
    fingerprint: new X509Certificate(certified.cert).fingerprint256,
    trusted: maker.authority.cert,
    maker: () => Promise.resolve(maker),
    clientAuthorities,
  }
}

function readCertified(tls: Configuration['tls']): CertifiedKey {
  if (tls.caFile !== '') {
    throw new TlsIdentityError(
      'tls.caFile: expected no tls.cert with it: only the authority of a made certificate is written',
    )
  }
  const cert = read('tls.cert', tls.cert)
  const key = tls.key === '' ? cert : read('tls.key', tls.key)
  try {
    // Reads the first certificate only, which is the target's own.
    const own = new X509Certificate(cert)
    if (!own.checkPrivateKey(createPrivateKey(key))) {
      throw new TlsIdentityError(`tls.key: expected the key of the certificate in ${tls.cert}, got another`)
    }
    createSecureContext({ cert, key })
  } catch (error) {
    if (error instanceof TlsIdentityError) throw error
    const { message } = error as Error
    throw new TlsIdentityError(
      `tls.cert: expected a certificate and its key without a passphrase, in PEM, in ${[tls.cert, tls.key].filter(Boolean).join(' and ')}: ${message}`,
    )
  }
  return { cert, key }
}

function readClientAuthorities({ clientCertificates, ca }: Configuration['tls']): string | undefined {
  if (clientCertificates === 'none') {
    if (ca !== '') throw new TlsIdentityError('tls.ca: expected tls.clientCertificates asked or required with it')
    return undefined
  }
  if (ca === '') throw new TlsIdentityError(`tls.clientCertificates: expected tls.ca with ${clientCertificates}`)
  const pem = read('tls.ca', ca)
  try {
    createSecureContext({ ca: pem })
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('there is none')
  } catch (error) {
    throw new TlsIdentityError(`tls.ca: expected certificates in PEM in ${ca}: ${(error as Error).message}`)
  }
  return pem
}

function read(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new TlsIdentityError(`${setting}: ${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

function writeAuthority(path: string, pem: string): void {
  try {
    writeFileSync(path, pem)
  } catch (error) {
    throw new TlsIdentityError(`tls.caFile: ${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}
