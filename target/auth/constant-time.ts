import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * The digest of a secret, for comparison with the digests of others. All have one length, so a comparison does not
 * reveal the length of the secret.
 */
export function secretDigest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export function matchesDigest(candidate: string, digest: Buffer): boolean {
  return timingSafeEqual(secretDigest(candidate), digest)
}
