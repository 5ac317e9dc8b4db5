import { createHmac, createPrivateKey, createSecretKey, sign } from 'node:crypto'
import type { AccessTokenClaims } from '../../contract/api/oauth.ts'
import type { SigningKey } from './access-tokens.ts'

/**
 * Returns a function that signs claims as a JWT (RFC 7515, compact). The library that verifies tokens can sign them too, but it encodes the
 * header for every token, and converts signatures of elliptic curves from one format to another.
 */
export function signerWith({ algorithm, kid, signWith }: SigningKey): (claims: AccessTokenClaims) => string {
  const header = base64url(JSON.stringify({ alg: algorithm, typ: 'JWT', kid }))
  const signatureOf = signatures(algorithm, signWith)
  return claims => {
    const signed = `${header}.${base64url(JSON.stringify(claims))}`
    return `${signed}.${signatureOf(signed)}`
  }
}

function signatures(algorithm: SigningKey['algorithm'], signWith: SigningKey['signWith']): (signed: string) => string {
  if (algorithm === 'HS256') {
    const secret = createSecretKey(Buffer.from(signWith))
    return signed => createHmac('sha256', secret).update(signed).digest('base64url')
  }
  const key = createPrivateKey(signWith)
  const hash = algorithm === 'EdDSA' ? null : 'sha256'
  // RFC 7518 §3.4: both numbers of a signature one after the other. Other keys ignore it.
  const options = { key, dsaEncoding: 'ieee-p1363' } as const
  return signed => sign(hash, Buffer.from(signed), options).toString('base64url')
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
