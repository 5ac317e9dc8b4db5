import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { systemClock } from '../../core/clock.ts'
import type { TlsSettings } from '../client/engine/tls/tls-settings.ts'
import { at, type Inspector } from './inspector.ts'
import { certificatesIn, hasPrivateKey, pemOf, privateKeyIn, UnusablePem } from './pem.ts'

/** TLS options of the command line, which replace those of the scenario. */
export interface TlsFlags {
  ca?: string
  cert?: string
  key?: string
  insecure?: true
}

export interface TlsSources {
  flags: TlsFlags
  /** Folder that the scenario's paths are relative to. */
  folder: string
  /** Passphrase of the environment. */
  passphrase: string | undefined
}

/** A text or path, and the place that errors name. */
interface Given {
  place: string
  text: string
  folder: string
}

/** Reads and checks TLS options, with all their files. @param warn told what is doubtful, but no error. */
export function readTls(
  inspector: Inspector,
  path: string,
  written: unknown,
  { flags, folder, passphrase }: TlsSources,
  warn: (note: string) => void,
): TlsSettings {
  const fields =
    written === undefined
      ? {}
      : inspector.fields(path, written, ['ca', 'cert', 'key', 'passphrase', 'serverName', 'insecure'])
  const own = (name: string): unknown => fields[name]
  const textAt = (name: string): Given | undefined =>
    own(name) === undefined
      ? undefined
      : { place: at(path, name), text: inspector.text(at(path, name), own(name)), folder }
  const flag = (name: 'ca' | 'cert' | 'key'): Given | undefined =>
    flags[name] === undefined ? undefined : { place: `--${name}`, text: flags[name], folder: process.cwd() }
  const authorities = flag('ca') === undefined ? givenList(inspector, at(path, 'ca'), own('ca'), folder) : [flag('ca')!]
  const ca = authorities.flatMap(given => readAuthorities(inspector, given, warn))
  // The scenario's key does not fit another certificate.
  const cert = flag('cert') ?? textAt('cert')
  const key = flag('key') ?? (flag('cert') === undefined ? textAt('key') : undefined)
  const phrase =
    own('passphrase') === undefined ? passphrase : secretText(inspector, at(path, 'passphrase'), own('passphrase'))
  const identity = readIdentity(inspector, { cert, key, passphrase: phrase, path }, warn)
  const serverName = readServerName(inspector, at(path, 'serverName'), own('serverName'))
  const insecure =
    flags.insecure ?? (own('insecure') === undefined ? false : inspector.boolean(at(path, 'insecure'), own('insecure')))
  return {
    ...(ca.length > 0 && { ca: ca.join('\n') }),
    ...(identity !== undefined && { identity }),
    ...(serverName !== undefined && { serverName }),
    ...(insecure && { insecure }),
  }
}

function givenList(inspector: Inspector, place: string, value: unknown, folder: string): Given[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return [{ place, text: inspector.text(place, value), folder }]
  return inspector
    .list(place, value)
    .map((item, index) => ({ place: at(place, index), text: inspector.text(at(place, index), item), folder }))
}

function readAuthorities(inspector: Inspector, given: Given, warn: (note: string) => void): string[] {
  return (
    noting(inspector, given.place, () => {
      if (given.text === '') return []
      const certificates = certificatesIn(pemOf(given.text, given.folder))
      if (certificates.every(isOver))
        warn(`${given.place}: ${expiry(certificates[0]!)}, so that it vouches for nothing`)
      return certificates.map(certificate => certificate.toString())
    }) ?? []
  )
}

function readIdentity(
  inspector: Inspector,
  {
    cert,
    key,
    passphrase,
    path,
  }: { cert: Given | undefined; key: Given | undefined; passphrase: string | undefined; path: string },
  warn: (note: string) => void,
): TlsSettings['identity'] {
  if (cert === undefined) {
    if (key !== undefined)
      inspector.note(key.place, `expected the certificate of the key, too, as ${siblingOf(key, 'cert')}`)
    return undefined
  }
  if (cert.text === '' || key?.text === '') return undefined
  const certPem = noting(inspector, cert.place, () => {
    const pem = pemOf(cert.text, cert.folder)
    const [leaf] = certificatesIn(pem)
    if (isOver(leaf!)) warn(`${cert.place}: ${expiry(leaf!)}, so that servers may refuse it`)
    else if (Date.parse(leaf!.validFrom) > systemClock.wallTime())
      warn(`${cert.place}: the certificate is valid only from ${leaf!.validFrom} on, so that servers may refuse it`)
    return { pem, leaf: leaf! }
  })
  if (certPem === undefined) return undefined
  if (key === undefined && !hasPrivateKey(certPem.pem)) {
    inspector.note(cert.place, `expected the key of the certificate, too, as ${siblingOf(cert, 'key')}`)
    return undefined
  }
  const keyPlace = key?.place ?? cert.place
  return noting(inspector, keyPlace, () => {
    const pem = key === undefined ? certPem.pem : pemOf(key.text, key.folder)
    const secret = privateKeyIn(pem, passphrase)
    if (!certPem.leaf.checkPrivateKey(secret))
      throw new UnusablePem(`the key does not belong to the certificate of ${cert.place} (${nameOf(certPem.leaf)})`)
    const identity = { cert: certPem.pem, key: pem, ...(passphrase !== undefined && { passphrase }) }
    try {
      createSecureContext(identity)
    } catch (error) {
      throw new UnusablePem(
        `OpenSSL does not accept the certificate with its key: ${(error as Error).message} (${path})`,
      )
    }
    return identity
  })
}

function readServerName(inspector: Inspector, place: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  const name = inspector.text(place, value)
  if (name === '' || isIP(name) !== 0 || /^[\w-]+(\.[\w-]+)*$/.test(name)) return name
  inspector.expected(place, 'the name of a host such as shop.example.com', value)
  return undefined
}

/** Returns what `read` returns; undefined when it notes an error at this place instead. */
function noting<T>(inspector: Inspector, place: string, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UnusablePem)) throw error
    inspector.note(place, error.message)
    return undefined
  }
}

function siblingOf({ place }: Given, name: string): string {
  return place.replace(/(cert|key)$/, name)
}

function isOver(certificate: X509Certificate): boolean {
  return Date.parse(certificate.validTo) < systemClock.wallTime()
}

function expiry(certificate: X509Certificate): string {
  return `the certificate (${nameOf(certificate)}) has expired on ${certificate.validTo}`
}

function nameOf({ subject }: X509Certificate): string {
  return subject === undefined || subject === '' ? 'without a name' : subject.replaceAll('\n', ', ')
}

/** An error about a passphrase does not show it. */
function secretText(inspector: Inspector, place: string, value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value
  inspector.note(place, 'expected a text')
  return undefined
}
