import { createPublicKey, verify } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { expect, it } from 'vitest'
import type { AccessTokenClaims } from '../../../../contract/api/oauth.ts'
import { makeSigningKey } from '../../../../target/auth/access-tokens.ts'
import { signerWith } from '../../../../target/auth/signer.ts'

const claims = (jti: string): AccessTokenClaims => ({
  iss: 'http://localhost',
  sub: 'Zoë',
  client_id: 'c',
  scope: 'a b',
  iat: 1_795_132_800,
  exp: 4_102_444_800,
  jti,
})

it.each(['ES256', 'RS256', 'EdDSA', 'HS256'] as const)('signs %s tokens that a library verifies', algorithm => {
  const key = makeSigningKey(algorithm)
  const sign = signerWith(key)
  const read = createVerifier({ key: key.verifyWith, algorithms: [algorithm], complete: true })
  const { header, payload } = read(sign(claims('family.1'))) as { header: object; payload: object }
  expect(header).toEqual({ alg: algorithm, typ: 'JWT', kid: key.kid })
  expect(payload).toEqual(claims('family.1'))
})

it('writes both numbers of an ES256 signature in full, however short they are', () => {
  const key = makeSigningKey('ES256')
  const sign = signerWith(key)
  const publicKey = createPublicKey(key.verifyWith)
  let short = 0
  // One number in 256 begins with a zero, and half of them are written with one.
  for (let ordinal = 0; ordinal < 1500; ordinal++) {
    const [header, payload, signature = ''] = sign(claims(`family.${ordinal}`)).split('.')
    const numbers = Buffer.from(signature, 'base64url')
    expect(numbers).toHaveLength(64)
    if (numbers[0] === 0 || numbers[32] === 0) short += 1
    const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
    expect(verify('sha256', Buffer.from(`${header}.${payload}`), options, numbers)).toBe(true)
  }
  expect(short).toBeGreaterThan(0)
})
