import { createHash, generateKeyPairSync } from 'node:crypto'

/** The ES256 key of one boot: tokens of an earlier one are no longer valid. */
export interface SigningKey {
  privatePem: string
  publicPem: string
  /** The public half as the JWKS shows it (RFC 7517). */
  jwk: PublicJwk
}

export interface PublicJwk {
  kty: string
  crv: string
  x: string
  y: string
  kid: string
  alg: 'ES256'
  use: 'sig'
}

export function makeSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' }) as { kty: string; crv: string; x: string; y: string }
  // The thumbprint of RFC 7638: required members only, in this order.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' },
  }
}
