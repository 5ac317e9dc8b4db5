import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import { readRegularFile, UnreadFile } from '../../core/regular-file.ts'
import { dataFiles } from '../feeders/data-files.ts'

/** A file or text that holds no PEM, or other than what was expected. The message says what to do, and shows nothing of it. */
export class UnusablePem extends Error {}

/** Larger than every authority of a system together. */
const MOST_BYTES = 4 * 1024 * 1024
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m

/** Returns PEM as it is, and reads the file with any other text as its path. @throws UnusablePem */
export function pemOf(textOrPath: string, folder: string): string {
  return textOrPath.includes('-----BEGIN') ? textOrPath : readText(resolve(folder, textOrPath))
}

export function hasPrivateKey(pem: string): boolean {
  return PRIVATE_KEY.test(pem)
}

/** Returns the certificates in their order. @throws UnusablePem without any */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(CERTIFICATE)
  if (blocks === null)
    throw new UnusablePem(`expected a certificate in PEM (-----BEGIN CERTIFICATE-----), got ${kindOf(pem)}`)
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block)
    } catch (error) {
      const which = blocks.length === 1 ? 'the certificate' : `certificate ${index + 1} of ${blocks.length}`
      throw new UnusablePem(`${which} cannot be read: ${(error as Error).message}`)
    }
  })
}

/** @throws UnusablePem also for a passphrase that is wrong or missing */
export function privateKeyIn(pem: string, passphrase: string | undefined): KeyObject {
  if (!hasPrivateKey(pem))
    throw new UnusablePem(`expected a private key in PEM (-----BEGIN PRIVATE KEY-----), got ${kindOf(pem)}`)
  if (ENCRYPTED.test(pem) && passphrase === undefined)
    throw new UnusablePem(
      'the key is encrypted: give its passphrase as `tls.passphrase`, or in LOADCELL_KEY_PASSPHRASE',
    )
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  } catch (error) {
    if (ENCRYPTED.test(pem)) throw new UnusablePem('the passphrase does not decrypt the key')
    throw new UnusablePem(`the key cannot be read: ${(error as Error).message}`)
  }
}

/** Says what a text is that is not what was expected, without showing it. */
function kindOf(text: string): string {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1]
  if (label !== undefined) return `a block of ${label}`
  if (text.trim() === '') return 'an empty file'
  // DER begins with a sequence; PKCS #12 is DER, too.
  if (text.charCodeAt(0) === 0x30 || text.includes('\uFFFD'))
    return 'binary data (convert it: `openssl x509 -inform der`, `openssl pkey -inform der` or `openssl pkcs12 -nodes`)'
  return 'other text'
}

/** @throws UnusablePem */
function readText(file: string): string {
  try {
    return readRegularFile(dataFiles.placeOf(file), MOST_BYTES)
  } catch (error) {
    if (!(error instanceof UnreadFile)) throw error
    throw new UnusablePem(refusalOf(file, error))
  }
}

function refusalOf(file: string, { why, message }: UnreadFile): string {
  switch (why) {
    case 'missing':
      return `there is no file ${file}`
    case 'no file':
      return `expected a file in PEM, and ${file} is not a file`
    case 'too large':
      return `expected a file in PEM of at most ${MOST_BYTES / 2 ** 20} MiB, and ${file} is larger`
    case 'unreadable':
      return `${file} cannot be read: ${message}`
  }
}
