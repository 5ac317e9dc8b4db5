import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { Configuration } from '../configuration/configuration.ts'

export type SigningAlgorithm = Configuration['auth']['algorithm']

/** The key of one boot: tokens of an earlier one are no longer valid. */
export interface SigningKey {
  algorithm: SigningAlgorithm
  kid: string
  /** PEM, or the bytes of a shared secret. */
  signWith: string | Buffer
  verifyWith: string | Buffer
  /** The public half as the JWKS shows it (RFC 7517); a shared secret has none. */
  jwk?: PublicJwk
}

export type PublicJwk = Record<string, string> & { kty: string; kid: string }

export function makeSigningKey(algorithm: SigningAlgorithm): SigningKey {
  switch (algorithm) {
    case 'ES256':
      return pair(algorithm, generateKeyPairSync('ec', { namedCurve: 'P-256' }), ['crv', 'kty', 'x', 'y'])
    case 'RS256':
      return pair(algorithm, generateKeyPairSync('rsa', { modulusLength: 2048 }), ['e', 'kty', 'n'])
    case 'EdDSA':
      return pair(algorithm, generateKeyPairSync('ed25519'), ['crv', 'kty', 'x'])
    case 'HS256': {
      const secret = randomBytes(32)
      return { algorithm, kid: randomBytes(12).toString('base64url'), signWith: secret, verifyWith: secret }
    }
  }
}

/** @param members that the key's kind requires, in the order that its thumbprint has them (RFC 7638) */
function pair(
  algorithm: SigningAlgorithm,
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
  members: readonly string[],
): SigningKey {
  const exported = publicKey.export({ format: 'jwk' }) as Record<string, string>
  const required = Object.fromEntries(members.map(name => [name, exported[name]])) as { kty: string }
  const kid = createHash('sha256').update(JSON.stringify(required)).digest('base64url')
  return {
    algorithm,
    kid,
    signWith: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    verifyWith: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: { ...required, kid, alg: algorithm, use: 'sig' },
  }
}
