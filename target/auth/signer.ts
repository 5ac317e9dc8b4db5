import { createHmac, createPrivateKey, createSecretKey, sign } from 'node:crypto'
import type { AccessTokenClaims } from '../../contract/api/oauth.ts'
import type { SigningKey } from './access-tokens.ts'

/**
 * Returns a function that signs claims as a JWT (RFC 7515, compact). The library that verifies tokens can sign them too, but it encodes the
 * header for every token.
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
  if (algorithm === 'EdDSA') return signed => sign(null, Buffer.from(signed), key).toString('base64url')
  if (algorithm === 'RS256') return signed => sign('sha256', Buffer.from(signed), key).toString('base64url')
  // Node converts signatures too (`dsaEncoding`), but that takes longer than signing.
  return signed => bothNumbers(sign('sha256', Buffer.from(signed), key)).toString('base64url')
}

/** Bytes of each of the two numbers of a signature with P-256. */
const NUMBER_BYTES = 32

/** Returns the two numbers of a signature one after the other (RFC 7518 §3.4). @param der a sequence of two integers */
function bothNumbers(der: Buffer): Buffer {
  const numbers = Buffer.alloc(2 * NUMBER_BYTES)
  // Each has a byte for its type, one for its length, and a zero in front if it would look negative.
  let at = 2
  for (let number = 1; number <= 2; number++) {
    const end = at + 2 + der[at + 1]!
    const start = Math.max(at + 2, end - NUMBER_BYTES)
    der.copy(numbers, number * NUMBER_BYTES - (end - start), start, end)
    at = end
  }
  return numbers
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
