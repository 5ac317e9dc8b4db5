import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Inspector } from '../../../../harness/plan/inspector.ts'
import { readTls, type TlsFlags } from '../../../../harness/plan/read-tls.ts'
import { certificate, encryptedKey, publicKeyOf } from '../../../support/certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'loadcell-tls-'))
afterAll(() => rmSync(folder, { recursive: true }))

const authority = certificate({ name: 'Authority', isAuthority: true })
const other = certificate({ name: 'Other', isAuthority: true })
const tester = certificate({ name: 'tester', issuer: authority })
const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }
const future = { notBefore: new Date('2090-01-01'), notAfter: new Date('2091-01-01') }
const PASSPHRASE = 'open sesame'
const encrypted = encryptedKey(tester.key, PASSPHRASE)

const files: Record<string, string | Buffer> = {
  'ca.pem': authority.cert,
  'both.pem': authority.cert + other.cert,
  'tester.pem': tester.cert,
  'tester.key': tester.key,
  'combined.pem': tester.cert + tester.key,
  'encrypted.key': encrypted,
  'other.key': other.key,
  'public.key': publicKeyOf(tester.key),
  'empty.pem': '',
  'words.pem': 'hello',
  'binary.pem': Buffer.from(tester.cert.replaceAll(/-----.*-----|\s/g, ''), 'base64'),
  'damaged.pem': tester.cert.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'),
  'damaged.key': tester.key.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'),
  'expired.pem': Object.values(certificate({ name: 'old', ...past }))
    .slice(1)
    .join('\n'),
  'future.pem': Object.values(certificate({ name: 'new', ...future }))
    .slice(1)
    .join('\n'),
}
for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
mkdirSync(join(folder, 'folder'))

function read(written: unknown, flags: TlsFlags = {}, passphrase?: string) {
  const inspector = new Inspector()
  const doubts: string[] = []
  const settings = readTls(inspector, 'tls', written, { flags, folder, passphrase }, doubt => doubts.push(doubt))
  return { settings, errors: inspector.errors, doubts }
}

describe('TLS options', () => {
  it('are read from files beside the scenario', () => {
    const { settings, errors, doubts } = read({
      ca: 'ca.pem',
      cert: './tester.pem',
      key: 'tester.key',
      serverName: 'a.b',
    })
    expect({ errors, doubts }).toEqual({ errors: [], doubts: [] })
    expect(settings).toEqual({
      ca: authority.cert,
      identity: { cert: tester.cert, key: tester.key },
      serverName: 'a.b',
    })
  })

  it('may be PEM themselves', () => {
    const { settings, errors } = read({ ca: [authority.cert, other.cert], cert: tester.cert, key: tester.key })
    expect(errors).toEqual([])
    expect(settings.ca).toBe(`${authority.cert}\n${other.cert}`)
    expect(settings.identity).toEqual({ cert: tester.cert, key: tester.key })
  })

  it('take several authorities from one file', () => {
    expect(read({ ca: 'both.pem' }).settings.ca?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
  })

  it('take the key from the file of the certificate', () => {
    expect(read({ cert: 'combined.pem' })).toMatchObject({
      settings: { identity: { cert: tester.cert + tester.key, key: tester.cert + tester.key } },
      errors: [],
    })
  })

  it.each([
    ['the scenario', { passphrase: PASSPHRASE }, undefined],
    ['the environment', {}, PASSPHRASE],
  ])('decrypt a key with the passphrase of %s', (_where, written, passphrase) => {
    const { settings, errors } = read({ cert: 'tester.pem', key: 'encrypted.key', ...written }, {}, passphrase)
    expect(errors).toEqual([])
    expect(settings.identity).toEqual({ cert: tester.cert, key: encrypted, passphrase: PASSPHRASE })
  })

  it('of the command line replace those of the scenario', () => {
    const flags = { ca: join(folder, 'both.pem'), cert: join(folder, 'combined.pem'), insecure: true } as const
    const { settings, errors } = read(
      { ca: 'missing.pem', cert: 'missing.pem', key: 'other.key', insecure: false },
      flags,
    )
    expect(errors).toEqual([])
    expect(settings).toMatchObject({ ca: expect.stringContaining(other.cert.trim()), insecure: true })
    expect(settings.identity?.cert).toBe(tester.cert + tester.key)
  })

  it('are none where there are none', () => {
    expect(read(undefined)).toEqual({ settings: {}, errors: [], doubts: [] })
    expect(read({ insecure: false }).settings).toEqual({})
  })

  it.each([
    ['has expired', 'expired.pem', /^tls\.cert: the certificate \(CN=old\) has expired on Jan.*2021/],
    ['is not valid yet', 'future.pem', /^tls\.cert: the certificate is valid only from Jan.*2090/],
  ])('with a certificate of the client that %s are only doubtful', (_which, file, doubt) => {
    const { settings, errors, doubts } = read({ cert: file })
    expect(errors).toEqual([])
    expect(doubts).toEqual([expect.stringMatching(doubt)])
    expect(settings.identity).toBeDefined()
  })

  it('with an authority that has expired are doubtful', () => {
    expect(read({ ca: 'expired.pem' }).doubts).toEqual([expect.stringContaining('vouches for nothing')])
  })
})

describe('a mistake in TLS options', () => {
  const place = (name: string) => join(folder, name)

  it.each<[unknown, string | RegExp]>([
    ['yes', 'tls: expected an object, got "yes"'],
    [
      { certificate: 'tester.pem' },
      'tls.certificate: there is no such key; expected one of ca, cert, key, passphrase, serverName, insecure',
    ],
    [{ ca: 'missing.pem' }, `tls.ca: there is no file ${place('missing.pem')}`],
    [{ ca: ['ca.pem', 'missing.pem'] }, `tls.ca[1]: there is no file ${place('missing.pem')}`],
    [{ ca: [] }, 'tls.ca: expected an array with at least one item, got an array of 0'],
    [{ ca: 'folder' }, `tls.ca: expected a file in PEM, and ${place('folder')} is not a file`],
    [{ ca: '/dev/zero' }, 'tls.ca: expected a file in PEM, and /dev/zero is not a file'],
    [
      { ca: 'tester.key' },
      'tls.ca: expected a certificate in PEM (-----BEGIN CERTIFICATE-----), got a block of PRIVATE KEY',
    ],
    [{ ca: 'empty.pem' }, /got an empty file$/],
    [{ ca: 'words.pem' }, /got other text$/],
    [{ ca: 'binary.pem' }, /got binary data \(convert it: `openssl x509 -inform der`/],
    [{ ca: 'damaged.pem' }, /^tls\.ca: the certificate cannot be read: /],
    [{ cert: 'tester.pem' }, 'tls.cert: expected the key of the certificate, too, as tls.key'],
    [{ key: 'tester.key' }, 'tls.key: expected the certificate of the key, too, as tls.cert'],
    [
      { cert: 'tester.pem', key: 'other.key' },
      'tls.key: the key does not belong to the certificate of tls.cert (CN=tester)',
    ],
    [{ cert: 'tester.pem', key: 'public.key' }, /^tls\.key: expected a private key in PEM.*got a block of PUBLIC KEY$/],
    [{ cert: 'tester.pem', key: 'damaged.key' }, /^tls\.key: the key cannot be read: /],
    [{ cert: 'tester.pem', key: 'encrypted.key' }, /^tls\.key: the key is encrypted: .*LOADCELL_KEY_PASSPHRASE/],
    [
      { cert: 'tester.pem', key: 'encrypted.key', passphrase: 'no' },
      'tls.key: the passphrase does not decrypt the key',
    ],
    [{ cert: 'tester.pem', key: 'tester.key', passphrase: 7 }, 'tls.passphrase: expected a text'],
    [{ serverName: 'https://a.b' }, /^tls\.serverName: expected the name of a host/],
    [{ insecure: 'yes' }, 'tls.insecure: expected true or false, got "yes"'],
  ])('is named with its place: %j', (written, expected) => {
    expect(read(written).errors).toEqual([typeof expected === 'string' ? expected : expect.stringMatching(expected)])
  })

  it('of the command line is named by its flag', () => {
    expect(read({}, { ca: place('missing.pem'), cert: place('tester.pem') }).errors).toEqual([
      `--ca: there is no file ${place('missing.pem')}`,
      '--cert: expected the key of the certificate, too, as --key',
    ])
  })

  it('shows neither keys nor passphrases', () => {
    const texts = [
      read({ cert: tester.cert, key: other.key, passphrase: PASSPHRASE }),
      read({ cert: 'tester.pem', key: encrypted, passphrase: PASSPHRASE.slice(1) }),
      read({ ca: tester.key }),
    ].flatMap(({ errors }) => errors)
    expect(texts).toHaveLength(3)
    for (const text of texts) expect(text).not.toMatch(/sesame|MI[GH]/)
  })
})
