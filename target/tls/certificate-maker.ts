import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { generate as generateCertificate } from 'selfsigned'
import { systemClock } from '../../core/clock.ts'

/** A certificate with its key, both in PEM. */
export interface CertifiedKey {
  cert: string
  key: string
}

/** Ways in which a certificate is wrong for its server. */
export type CertificateFlaw = 'expired' | 'wrong_name' | 'untrusted'

const DAY_MS = 86_400_000
/** Long enough for any run. A made certificate lives as long as its process. */
const VALID_MS = 397 * DAY_MS
/** RFC 6761 §6.4: no server has it. */
const WRONG_NAME = 'wrong-name.invalid'

/** Thrown when no certificate can be made. The message says what to install. */
export class CertificateMakerMissing extends Error {
  constructor(options: ErrorOptions) {
    super(
      'expected tls.cert, or the package selfsigned to make a certificate: npm install --save-dev selfsigned',
      options,
    )
    this.name = 'CertificateMakerMissing'
  }
}

/** Makes certificates for this target, all by one authority, which is made with it. Keys never leave this process. */
export class CertificateMaker {
  readonly authority: CertifiedKey
  readonly #names: readonly string[]
  readonly #generate: Generate

  private constructor(generate: Generate, authority: CertifiedKey, names: readonly string[]) {
    this.#generate = generate
    this.authority = authority
    this.#names = names
  }

  /** @param host that the target listens on @throws CertificateMakerMissing */
  static async create(host: string): Promise<CertificateMaker> {
    const generate = await load()
    const names = new Set([host.replace(/^\[(.*)\]$/, '$1'), 'localhost', '127.0.0.1', '::1', hostname()])
    return new CertificateMaker(generate, await makeAuthority(generate, 'Loadcell target'), [...names])
  }

  /** Makes a certificate that is valid, or has this flaw and no other. */
  async make(flaw?: CertificateFlaw): Promise<CertifiedKey> {
    const authority = flaw === 'untrusted' ? await makeAuthority(this.#generate, 'Unknown authority') : this.authority
    const names = flaw === 'wrong_name' ? [WRONG_NAME] : this.#names
    const now = systemClock.wallTime()
    const endsAt = flaw === 'expired' ? now - DAY_MS : now + VALID_MS
    return certify(this.#generate, flaw === 'wrong_name' ? WRONG_NAME : 'localhost', {
      ca: { key: authority.key, cert: authority.cert },
      notBeforeDate: new Date(endsAt - VALID_MS - DAY_MS),
      notAfterDate: new Date(endsAt),
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: names.map(altNameOf) },
      ],
    })
  }
}

type Generate = typeof generateCertificate
type GenerateOptions = NonNullable<Parameters<Generate>[1]>

/** Loads the library, which is optional: most targets serve plain HTTP. */
async function load(): Promise<Generate> {
  try {
    return (await import('selfsigned')).generate
  } catch (error) {
    throw new CertificateMakerMissing({ cause: error })
  }
}

function makeAuthority(generate: Generate, name: string): Promise<CertifiedKey> {
  const now = systemClock.wallTime()
  return certify(generate, name, {
    notBeforeDate: new Date(now - 2 * VALID_MS),
    notAfterDate: new Date(now + VALID_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
}

async function certify(generate: Generate, name: string, options: GenerateOptions): Promise<CertifiedKey> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    ...options,
  })
  return { cert: `${made.cert.trim()}\n`, key: made.private }
}

function altNameOf(name: string) {
  return isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name }
}
