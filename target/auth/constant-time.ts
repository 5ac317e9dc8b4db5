import { createHash, timingSafeEqual } from 'node:crypto'

/** What is kept of a secret to compare others with it: of one length, so that a comparison tells nothing of the secret's. */
export function secretDigest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export function matchesDigest(candidate: string, digest: Buffer): boolean {
  return timingSafeEqual(secretDigest(candidate), digest)
}
